import { type Address, addressOf, type EventFact, plainIdOf } from '@tributary/identity'
import { bufferOf, inFrames, toFrame } from '../core/frames.ts'
import type { Item } from '../core/profile-graph.ts'
import { erasureOf, readItem } from '../core/profile-item.ts'
import { termsOf } from '../core/search-terms.ts'
import { MAX_PACK_BYTES } from '../limits.ts'
import type { ProfileStore } from './profile-store.ts'

/**
 * R16, on disk: of the erased events of a component only skeletons stay; what was found by their values no longer is. Their
 * places in the lake are noted for whoever erases them there. To be called in turn.
 */
export async function scrub(store: ProfileStore, address: Address): Promise<void> {
  const { statements, components, rules } = store
  const { component } = await components.load(address)
  const { erased } = component.settled
  const items = new Map<string, Item>()
  for (const item of await components.items(address)) {
    // Of several copies the one that counts was written last.
    items.set(item.fact.messageId, item)
  }
  const erasures: string[] = []
  const kept = [...items.values()].map((item): Item => {
    const { fact } = item
    const deletedBy = erased.get(fact.messageId)
    if (fact.kind !== 'event' || deletedBy === undefined || fact.erasedBy !== undefined) return item
    const erasure = erasureOf(item, plainIdOf(deletedBy))
    erasures.push(JSON.stringify(erasure))
    return readItem(JSON.stringify(erasure.skeleton), rules) ?? item
  })
  const gone = namesOnlyIn([...items.values()], kept)
  const packs = await toPacks(kept)
  store.transaction(() => {
    overwrite(store, address)
    for (const [index, frames] of packs.entries()) statements.insertPack(address, index + 1, frames)
    for (const name of gone) statements.forgetKey(name)
    statements.deleteTerms(address)
    statements.deleteMembers(address)
    for (const { fact } of kept) index(store, address, fact)
    for (const json of erasures) statements.putErasure(store.nextSeq(), json)
    statements.deleteScrub(address)
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

function index({ statements }: ProfileStore, address: Address, fact: Item['fact']): void {
  if (fact.kind !== 'event') return
  const { group, traits } = fact as EventFact
  if (group) statements.putMember(group.groupId, address)
  for (const term of termsOf(traits ?? {})) statements.putTerm(term, address)
}
