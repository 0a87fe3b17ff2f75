import { type Address, dropFact, settleComponent } from '@tributary/identity'
import type { Item } from '../core/profile-graph.ts'
import { arrivalDate } from '../core/profile-item.ts'
import { itemsThatCount, rewrite } from './profile-rewrite.ts'
import type { ProfileStore } from './profile-store.ts'

/** How far a shard has come with forgetting what a source sent before a day. */
export interface Expiry {
  /** By arrival, `YYYY-MM-DD`. */
  before: string
  /** Components up to this one are done. */
  after: Address
  /** Records that this round through the components has taken out. */
  removed: number
  isDone: boolean
}

/** Components between two notes of how far it is. */
const COMPONENTS_AT_ONCE = 100

/**
 * Forgets what a source sent before a day. Who is with whom is then as the records that are left say: what is joined by none of
 * them is no longer together, though it may stay in one component. Cut off, it goes on where it was.
 *
 * @returns Whether all of it is forgotten; call it again if not.
 */
export async function expireSource(
  store: ProfileStore,
  source: string,
  before: string,
  isTimeUp: () => boolean,
): Promise<boolean> {
  let expiry = store.state.expiries[source]
  if (expiry?.before !== before) expiry = { before, after: '', removed: 0, isDone: false }
  while (!expiry.isDone) {
    expiry = await goOn(store, source, expiry)
    const expiries = { ...store.state.expiries, [source]: expiry }
    store.transaction(() => store.note({ expiries }))
    if (isTimeUp()) break
  }
  return expiry.isDone
}

async function goOn(store: ProfileStore, source: string, expiry: Expiry): Promise<Expiry> {
  const { before, after } = expiry
  const addresses = store.statements.componentsAfter(after, COMPONENTS_AT_ONCE)
  const last = addresses.at(-1)
  // A component may have moved behind this round meanwhile: one that has found something is followed by another.
  if (!last) return { before, after: '', removed: 0, isDone: expiry.removed === 0 }
  let { removed } = expiry
  for (const address of addresses) {
    if (store.statements.movedTo(address) !== undefined) continue
    removed += await store.inTurn(() => expireIn(store, address, source, before))
  }
  return { before, after: last, removed, isDone: false }
}

/** @returns How many records have gone. */
async function expireIn(
  store: ProfileStore,
  address: Address,
  source: string,
  before: string,
): Promise<number> {
  const items = await itemsThatCount(store, address)
  const kept = items.filter((item) => !isExpired(item, source, before))
  if (kept.length === items.length) return 0
  const { component } = await store.components.load(address)
  await rewrite(store, address, items, kept, () => {
    const left = new Set(kept.map(({ fact }) => fact.messageId))
    for (const fact of component.facts.values())
      if (!left.has(fact.messageId)) dropFact(component, fact)
    store.tell(settleComponent(component, store.rules))
  })
  return items.length - kept.length
}

function isExpired({ fact: { record } }: Item, source: string, before: string): boolean {
  return record.source === source && arrivalDate(record) < before
}
