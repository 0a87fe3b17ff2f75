import { type Address, addressOf } from '@tributary/identity'
import { bufferOf, inFrames, toFrame } from '../core/frames.ts'
import type { Item } from '../core/profile-graph.ts'
import { MAX_PACK_BYTES } from '../limits.ts'
import { indexFact } from './profile-index.ts'
import type { ProfileStore } from './profile-store.ts'

/** The records of a component, of several copies the one that counts, which was written last. */
export async function itemsThatCount(store: ProfileStore, address: Address): Promise<Item[]> {
  const items = new Map<string, Item>()
  for (const item of await store.components.items(address)) items.set(item.fact.messageId, item)
  return [...items.values()]
}

/**
 * Puts other records in the place of a component's. What goes is written over; what was found by its values no longer is. To be
 * called in turn.
 *
 * @param also Whatever else belongs to the same commit.
 */
export async function rewrite(
  store: ProfileStore,
  address: Address,
  before: readonly Item[],
  kept: readonly Item[],
  also: () => void,
): Promise<void> {
  const { statements, components } = store
  const gone = namesOnlyIn(before, kept)
  const packs = await toPacks(kept)
  store.transaction(() => {
    overwrite(store, address)
    for (const [index, frames] of packs.entries()) statements.insertPack(address, index + 1, frames)
    for (const name of gone) statements.forgetKey(name)
    statements.deleteTerms(address)
    statements.deleteMembers(address)
    for (const { fact } of kept) indexFact(statements, address, fact)
    also()
  })
  components.drop(address)
}

/** Identifiers that no record names any more, by address. */
function namesOnlyIn(before: readonly Item[], after: readonly Item[]): Address[] {
  const named = (items: readonly Item[]): Set<Address> =>
    new Set(
      items.flatMap(({ fact, tied }) => [
        ...tied.flatMap(({ address, key }) => (key === undefined ? [] : [address])),
        ...fact.ids.flatMap((id) => (id.fingerprint === undefined ? [addressOf(id)] : [])),
      ]),
    )
  const left = named(after)
  return [...named(before)].filter((address) => !left.has(address))
}

async function toPacks(items: readonly Item[]): Promise<ArrayBuffer[]> {
  if (items.length === 0) return []
  const packs: Uint8Array[][] = [[]]
  let size = 0
  for (const lines of inFrames(items)) {
    const frame = await toFrame(lines)
    if (size > 0 && size + frame.length > MAX_PACK_BYTES) {
      packs.push([])
      size = 0
    }
    packs.at(-1)?.push(frame)
    size += frame.length
  }
  return Promise.all(packs.map(async (frames) => bufferOf(joined(frames))))
}

function joined(frames: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(frames.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const frame of frames) {
    whole.set(frame, at)
    at += frame.length
  }
  return whole
}

/** What is deleted stays in the file until its page is used again; so it is written over first. */
function overwrite({ statements }: ProfileStore, address: Address): void {
  for (const { no, frames } of statements.packs(address)) {
    statements.replacePack(address, no, new ArrayBuffer(frames.byteLength))
  }
  statements.deletePacks(address)
}
