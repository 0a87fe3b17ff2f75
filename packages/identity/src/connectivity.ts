/**
 * Level 1: which component each key is in, by union of whatever is named together. Only grows; in any order, with any
 * repetition, the same.
 */
export type Connectivity<T> = Map<string, Connected<T>>

/** Keys that hang together, and what the caller keeps for them. */
export interface Connected<T> {
  keys: string[]
  value: T
}

/**
 * Puts keys into one component.
 *
 * @param keys At least one.
 * @param make A value for a component that is new.
 * @param absorb Takes the value of a smaller component into that of a larger one.
 */
export function connect<T>(
  components: Connectivity<T>,
  keys: readonly string[],
  make: () => T,
  absorb: (into: T, from: T) => void,
): Connected<T> {
  const first = components.get(keys[0] ?? '')
  if (first && keys.every((key) => components.get(key) === first)) return first
  const known = new Set(keys.flatMap((key) => components.get(key) ?? []))
  const [largest, ...others] = [...known].sort((a, b) => b.keys.length - a.keys.length)
  const into = largest ?? { keys: [], value: make() }
  const newKeys = keys.filter((key) => !components.has(key))
  for (const key of new Set(newKeys)) moveKey(components, key, into)
  for (const other of others) {
    absorb(into.value, other.value)
    for (const key of other.keys) moveKey(components, key, into)
  }
  return into
}

function moveKey<T>(components: Connectivity<T>, key: string, into: Connected<T>): void {
  components.set(key, into)
  into.keys.push(key)
}
