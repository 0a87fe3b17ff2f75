import { type Address, preferredCopy } from '@tributary/identity'
import { inFrames, toFrame } from '../core/frames.ts'
import type { Item, Plan } from '../core/profile-graph.ts'
import { erasedBy, erasureOf } from '../core/profile-item.ts'
import type { Components, Loaded } from './components.ts'

/** What is about to be written of one component. */
export interface Addition {
  loaded: Loaded
  /** Records that are new, or are the copy that counts. */
  fresh: Item[]
  frames: Uint8Array[]
  /** Copies of erased events, which lie in the lake again: JSON of each {@link Erasure}. */
  erasedAgain: string[]
}

/** Finds out what of the records is new, and packs it: everything that has to wait, before anything is changed. */
export async function prepareAdditions(
  components: Components,
  { additions, moves }: Plan,
): Promise<Map<Address, Addition>> {
  const prepared = new Map<Address, Addition>()
  for (const [address, items] of additions) {
    const loaded = await components.load(address)
    const joining = await Promise.all(
      joiningInto(address, moves).map((from) => components.load(from)),
    )
    const { fresh, erasedAgain } = await pickFresh(components, [loaded, ...joining], items)
    const frames = await Promise.all(inFrames(fresh).map((lines) => toFrame(lines)))
    prepared.set(address, { loaded, fresh, frames, erasedAgain })
  }
  return prepared
}

async function pickFresh(
  components: Components,
  known: readonly Loaded[],
  items: readonly Item[],
): Promise<Pick<Addition, 'fresh' | 'erasedAgain'>> {
  const fresh = new Map<string, Item>()
  const erasedAgain: string[] = []
  for (const item of items) {
    const key = item.fact.messageId
    const before = fresh.get(key) ?? (await findItem(components, known, key))
    if (before && preferredCopy(before.fact, item.fact) === before.fact) {
      const by = erasedBy(before)
      if (by !== undefined && erasedBy(item) === undefined) {
        erasedAgain.push(JSON.stringify(erasureOf(item, by)))
      }
      continue
    }
    fresh.set(key, item)
  }
  return { fresh: [...fresh.values()], erasedAgain }
}

/** A record that is there, with all that is in it. */
async function findItem(
  components: Components,
  known: readonly Loaded[],
  key: string,
): Promise<Item | undefined> {
  for (const { address, component, places } of known) {
    const place = places.get(key)
    if (place === undefined || !component.facts.has(key)) continue
    const items = await components.items(address, new Set([place]))
    return items.findLast(({ fact }) => fact.messageId === key)
  }
  return undefined
}

/** Components that end in this one, by way of others or not. */
function joiningInto(address: Address, moves: Plan['moves']): Address[] {
  const direct = moves.filter(({ into }) => into === address).map(({ from }) => from)
  return [...direct, ...direct.flatMap((from) => joiningInto(from, moves))]
}
