/** Longest text that an answer is remembered for: the memory is bounded by what it holds, and not only by how many. */
const MAX_REMEMBERED_LENGTH = 2048

/**
 * A pure function of a text that remembers its latest answers: the events of a batch speak of the same few URLs, hosts
 * and addresses. The answers are shared and so not to be changed.
 *
 * @param maxEntries Answers that are kept, the oldest going first.
 */
export function remember<T>(answer: (text: string) => T, maxEntries: number): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const fresh = answer(text)
    if (text.length > MAX_REMEMBERED_LENGTH) return fresh
    if (known.size >= maxEntries) known.delete(known.keys().next().value as string)
    known.set(text, fresh)
    return fresh
  }
}
