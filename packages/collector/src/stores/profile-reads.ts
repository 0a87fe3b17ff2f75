import {
  type Address,
  addressOf,
  type EventFact,
  keysOf,
  type Profile,
} from '@tributary/identity'
import type { Loaded } from './components.ts'
import { profileShardOf } from '../core/profile-graph.ts'
import type { ProfileStore } from './profile-store.ts'

/** What is asked of one profile. */
export interface ProfileQuestion {
  shard: number
  /** Of the identifier, which is also its profile id. */
  address: Address
  /** Where to look; where it is not known, the directory tells. */
  component?: Address
  /** A page of its events, newest first. */
  events?: { limit: number; before?: { time: number; messageId: string } }
}

/** A profile, or where to ask for it. */
export type Found =
  | { kind: 'unknown' }
  | { kind: 'elsewhere'; component: Address }
  | { kind: 'profile'; profile: Profile; events?: { lines: string[]; next?: Cursor } }

interface Cursor {
  time: number
  messageId: string
}

/** Looks up the profile that holds an identifier now. */
export async function lookUp(store: ProfileStore, question: ProfileQuestion): Promise<Found> {
  const { address, shard } = question
  const start = question.component ?? store.statements.componentOf(address)
  if (start === undefined) return { kind: 'unknown' }
  const component = store.resolve(start)
  if (profileShardOf(component, store.shards) !== shard) return { kind: 'elsewhere', component }
  const loaded = await store.components.load(component)
  const profile = profileAt(loaded, address)
  if (!profile) return { kind: 'unknown' }
  if (!question.events) return { kind: 'profile', profile }
  return { kind: 'profile', profile, events: await readEvents(store, loaded, profile, question.events) }
}

/** The profile of an identifier of a component. */
export function profileAt({ component }: Loaded, address: Address): Profile | undefined {
  const { profiles } = component.settled
  for (const [key, profile] of profiles) {
    if (profile.profileId === address || addressOf({ key }) === address) return profile
  }
  return undefined
}

/** A page of a profile's events, newest first. */
async function readEvents(
  store: ProfileStore,
  loaded: Loaded,
  profile: Profile,
  { limit, before }: NonNullable<ProfileQuestion['events']>,
): Promise<{ lines: string[]; next?: Cursor }> {
  const keys = new Set(keysOf(profile))
  const { erased, suppressed } = loaded.component.settled
  const facts: EventFact[] = []
  for (const fact of loaded.component.facts.values()) {
    if (fact.kind !== 'event' || !fact.ids[0] || !keys.has(fact.ids[0].key)) continue
    if (erased.has(fact.messageId) || suppressed.has(fact.messageId)) continue
    if (before && compare(fact, before) >= 0) continue
    facts.push(fact)
  }
  facts.sort((a, b) => compare(b, a))
  const page = facts.slice(0, limit)
  const packs = new Set(page.map(({ messageId }) => loaded.places.get(messageId) as number))
  const lines = new Map<string, string>()
  for (const { fact, line } of await store.components.items(loaded.address, packs)) {
    lines.set(fact.messageId, line)
  }
  const last = page.at(-1)
  return {
    lines: page.flatMap(({ messageId }) => lines.get(messageId) ?? []),
    ...(facts.length > limit && last && { next: { time: last.time, messageId: last.messageId } }),
  }
}

function compare(a: Cursor, b: Cursor): number {
  if (a.time !== b.time) return a.time - b.time
  if (a.messageId === b.messageId) return 0
  return a.messageId < b.messageId ? -1 : 1
}
