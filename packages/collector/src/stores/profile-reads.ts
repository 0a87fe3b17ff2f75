import {
  type Address,
  addressOf,
  compareMoments,
  type EventFact,
  type Explanation,
  explain,
  type Identifier,
  keysOf,
  type Profile,
  plainIdOf,
  type TakenLink,
} from '@tributary/identity'
import { plainProfile } from '../core/profile-answer.ts'
import { profileShardOf } from '../core/profile-graph.ts'
import type { Loaded } from './components.ts'
import type { ProfileStore } from './profile-store.ts'

/** Place of an event in a timeline. */
export interface Place {
  time: number
  messageId: string
}

/** What is asked of one identifier. */
export interface ProfileQuestion {
  shard: number
  /** Of the identifier, which is also its profile id. */
  address: Address
  /** Its name, where it is known. */
  key?: string
  /** Where to look; where it is not known, the directory tells. */
  component?: Address
  /** Adds a page of the profile's events. Newest first; `isOldestFirst` the other way. */
  events?: { limit: number; after?: Place; isOldestFirst?: boolean }
  /** Adds what Segment's Profile API tells beside. */
  withDetails?: boolean
  /** Adds why this identifier is with that one, by address, or is not. */
  whyWith?: Address
}

/** When each identifier of a profile was seen first, and its first and last event. */
export interface ProfileDetails {
  identifiers: {
    type: string
    value: string
    firstSeen: number
    messageId: string
    source: string
  }[]
  first: { messageId: string; source: string }
  last: { messageId: string; source: string }
}

export interface EventPage {
  /** As the lake has them. */
  lines: string[]
  next?: Place
}

/** What is known of an identifier that occurs. */
export interface Here {
  kind: 'here'
  component: Address
  /** Absent where no event belongs to it. */
  profile?: Profile
  events?: EventPage
  details?: ProfileDetails
  explanation?: Explanation
}

/** The answer, or where to ask. */
export type Found =
  | { kind: 'unknown' }
  /** Some of its rows could not be read; a rebuild brings them back. */
  | { kind: 'damaged'; component: Address }
  | { kind: 'elsewhere'; component: Address; key?: string }
  | Here

/** Looks an identifier up. */
export async function lookUp(store: ProfileStore, question: ProfileQuestion): Promise<Found> {
  const { address, shard } = question
  const start = question.component ?? store.statements.componentOf(address)
  if (start === undefined) return { kind: 'unknown' }
  const key = question.key ?? store.statements.keyOf(address)
  const component = store.resolve(start)
  if (profileShardOf(component, store.shards) !== shard) {
    return { kind: 'elsewhere', component, ...(key !== undefined && { key }) }
  }
  const loaded = await store.components.load(component)
  if (store.statements.isDamaged(component)) return { kind: 'damaged', component }
  const identifier = identifierAt(loaded, address, key)
  if (!identifier) return { kind: 'unknown' }
  return answer(store, loaded, identifier, question)
}

/** The identifier of an address, if it occurs in an event that counts. */
function identifierAt(
  { component }: Loaded,
  address: Address,
  name: string | undefined,
): Identifier | undefined {
  const { sightings } = component.settled.ties
  const named = name === undefined ? undefined : sightings.get(name)
  if (named) return named.identifier
  for (const { identifier } of sightings.values()) {
    if (addressOf(identifier) === address) return identifier
  }
  return undefined
}

async function answer(
  store: ProfileStore,
  loaded: Loaded,
  identifier: Identifier,
  { events, withDetails, whyWith }: ProfileQuestion,
): Promise<Here> {
  const { settled } = loaded.component
  const here: Here = { kind: 'here', component: loaded.address }
  if (whyWith !== undefined) {
    const other = identifierAt(loaded, whyWith, undefined)
    if (other) here.explanation = plainExplanation(explain(settled, identifier, other))
  }
  const profile = settled.profiles.get(identifier.key)
  if (!profile) return here
  here.profile = plainProfile(profile)
  if (withDetails) here.details = detailsOf(loaded, profile)
  if (events) here.events = await readEvents(store, loaded, profile, events)
  return here
}

function plainExplanation(explanation: Explanation): Explanation {
  if (!('chain' in explanation)) return explanation
  return { ...explanation, chain: explanation.chain.map(plainLink) }
}

function plainLink(link: TakenLink): TakenLink {
  return { ...link, messageId: plainIdOf(link.messageId) }
}

/** The events of a profile that count, in no order. */
function eventsOf({ component }: Loaded, profile: Profile): EventFact[] {
  const keys = new Set(keysOf(profile))
  const { erased, suppressed } = component.settled
  const events: EventFact[] = []
  for (const fact of component.facts.values()) {
    if (fact.kind !== 'event' || !fact.ids[0] || !keys.has(fact.ids[0].key)) continue
    if (!erased.has(fact.messageId) && !suppressed.has(fact.messageId)) events.push(fact)
  }
  return events
}

/** A page of a profile's events. */
async function readEvents(
  store: ProfileStore,
  loaded: Loaded,
  profile: Profile,
  { limit, after, isOldestFirst }: NonNullable<ProfileQuestion['events']>,
): Promise<EventPage> {
  const order = isOldestFirst
    ? compareMoments
    : (a: EventFact | Place, b: EventFact | Place) => compareMoments(b, a)
  const events = eventsOf(loaded, profile)
    .filter((event) => !after || order(event, after as EventFact) > 0)
    .sort(order)
  const page = events.slice(0, limit)
  const packs = new Set(page.map(({ messageId }) => loaded.places.get(messageId) as number))
  const lines = new Map<string, string>()
  for (const { fact, line } of await store.components.items(loaded.address, packs)) {
    lines.set(fact.messageId, line)
  }
  const last = page.at(-1)
  return {
    lines: page.flatMap(({ messageId }) => lines.get(messageId) ?? []),
    ...(events.length > limit && last && { next: { time: last.time, messageId: last.messageId } }),
  }
}

function detailsOf(loaded: Loaded, profile: Profile): ProfileDetails {
  const events = eventsOf(loaded, profile).sort(compareMoments)
  const seen = new Map<string, ProfileDetails['identifiers'][number]>()
  for (const event of events) {
    for (const { type, value, key } of event.ids) {
      if (!seen.has(key)) seen.set(key, { type, value, firstSeen: event.time, ...nameOf(event) })
    }
  }
  const held = new Set(keysOf(profile))
  return {
    identifiers: [...seen].flatMap(([key, sighting]) => (held.has(key) ? sighting : [])),
    first: nameOf(events[0]),
    last: nameOf(events.at(-1)),
  }
}

function nameOf(event: EventFact | undefined): { messageId: string; source: string } {
  return { messageId: plainIdOf(event?.messageId ?? ''), source: event?.source ?? '' }
}
