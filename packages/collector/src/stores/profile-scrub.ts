import { type Address, plainIdOf } from '@tributary/identity'
import type { Item } from '../core/profile-graph.ts'
import { erasureOf, readItem } from '../core/profile-item.ts'
import { itemsThatCount, rewrite } from './profile-rewrite.ts'
import type { ProfileStore } from './profile-store.ts'

/**
 * R16, on disk: of the erased events of a component only skeletons stay. Their places in the lake are noted for whoever erases
 * them there. To be called in turn.
 */
export async function scrub(store: ProfileStore, address: Address): Promise<void> {
  const { statements, components, rules } = store
  const { component } = await components.load(address)
  const { erased } = component.settled
  const items = await itemsThatCount(store, address)
  const erasures: string[] = []
  const kept = items.map((item): Item => {
    const { fact } = item
    const deletedBy = erased.get(fact.messageId)
    if (fact.kind !== 'event' || deletedBy === undefined || fact.erasedBy !== undefined) return item
    const erasure = erasureOf(item, plainIdOf(deletedBy))
    erasures.push(JSON.stringify(erasure))
    return readItem(JSON.stringify(erasure.skeleton), rules) ?? item
  })
  await rewrite(store, address, items, kept, () => {
    for (const json of erasures) statements.putErasure(store.nextSeq(), json)
    statements.deleteScrub(address)
  })
}
