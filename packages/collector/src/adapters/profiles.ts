import {
  type Address,
  addressOf,
  type Explanation,
  type Group,
  isProfileId,
  joinGroup,
  type Profile,
  parseIdentifier,
} from '@tributary/identity'
import type { ResolvedConfig } from '../config.ts'
import { profileShardOf } from '../core/profile-graph.ts'
import type { CollectorEnv } from '../env.ts'
import type { ChangePlace, ListPlace, ToldChange } from '../stores/profile-lists.ts'
import type { EventPage, Here, Place, ProfileQuestion } from '../stores/profile-reads.ts'
import { allProfiles, profilesOf } from './profile-stubs.ts'

/** A component that moves is met where it is about to arrive; no two looks are so many moves apart. */
const MAX_HOPS = 20

/** Rounds of messages between shards before a call gives up; the shards go on by themselves. */
const MAX_PUMP_ROUNDS = 100

/** Rows of a component could not be read; the message says what brings them back. */
export class DamagedComponent extends Error {
  constructor(component: Address) {
    super(
      `Rows of the component ${component} were damaged; POST /api/profiles/rebuild, or "tributary verify --repair", brings them back from the lake.`,
    )
  }
}

/** An identifier as it is asked for. */
export interface Asked {
  address: Address
  /** Absent where a profile id was given. */
  key?: string
}

/** Reads `type:value`, or a profile id; `undefined` for what is neither. */
export function readAsked(id: string, { rules }: ResolvedConfig): Asked | undefined {
  if (isProfileId(id)) return { address: id }
  const identifier = parseIdentifier(id, rules)
  return identifier && { address: addressOf(identifier), key: identifier.key }
}

/** Asks the directory, and then the home that it names: one or two calls. `undefined` for who does not occur. */
export async function askProfiles(
  env: CollectorEnv,
  shards: number,
  asked: Asked,
  question: Pick<ProfileQuestion, 'events' | 'withDetails' | 'whyWith'> = {},
): Promise<Here | undefined> {
  let at: { component?: Address; key?: string } = {}
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const shard = profileShardOf(at.component ?? asked.address, shards)
    const found = await profilesOf(env, shard)?.ask({ ...at, ...asked, ...question, shard })
    if (found?.kind === 'here') return found
    if (found?.kind === 'damaged') throw new DamagedComponent(found.component)
    if (found?.kind !== 'elsewhere') return undefined
    at = found
  }
  return undefined
}

/** The profile that holds an identifier now, by the identifier's profile id, and a page of its events, newest first. */
export async function findProfile(
  env: CollectorEnv,
  shards: number,
  address: Address,
  page?: { limit: number; before?: Place },
): Promise<{ profile: Profile; events?: EventPage } | undefined> {
  const events = page && { limit: page.limit, ...(page.before && { after: page.before }) }
  const found = await askProfiles(env, shards, { address }, events ? { events } : {})
  if (!found?.profile) return undefined
  return { profile: found.profile, ...(found.events && { events: found.events }) }
}

/** Why two identifiers are, or are not, one person's. `undefined` for an explanation that the shards do not have yet. */
export async function explainProfiles(
  env: CollectorEnv,
  config: ResolvedConfig,
  a: { id: string; asked: Asked },
  b: { id: string; asked: Asked },
): Promise<Explanation> {
  const first = await askProfiles(env, config.profileShards, a.asked, { whyWith: b.asked.address })
  if (!first) return { verdict: 'unknown', id: a.id }
  if (first.explanation) return first.explanation
  const second = await askProfiles(env, config.profileShards, b.asked)
  return second ? { verdict: 'unconnected' } : { verdict: 'unknown', id: b.id }
}

/** A group, from all shards. */
export async function findGroup(
  env: CollectorEnv,
  { profileShards }: ResolvedConfig,
  groupId: string,
): Promise<Group | undefined> {
  const parts = await Promise.all(
    allProfiles(env, profileShards).map((profiles, shard) => profiles.group(shard, groupId)),
  )
  return joinGroup(groupId, parts.flat())
}

/** Profiles of which an identifier or a trait begins with a text, by profile id. */
export async function searchProfiles(
  env: CollectorEnv,
  { profileShards }: ResolvedConfig,
  prefix: string,
): Promise<Profile[]> {
  const shards = allProfiles(env, profileShards)
  const found = new Map<string, Profile>()
  let components = (await Promise.all(shards.map((shard) => shard.candidates(prefix)))).flat()
  for (let hop = 0; hop < MAX_HOPS && components.length > 0; hop++) {
    const byShard = Map.groupBy(new Set(components), (component) =>
      profileShardOf(component, profileShards),
    )
    const answers = await Promise.all(
      [...byShard].map(([shard, some]) => profilesOf(env, shard)?.matches(shard, some, prefix)),
    )
    components = answers.flatMap((answer) => answer?.elsewhere ?? [])
    for (const profile of answers.flatMap((answer) => answer?.profiles ?? [])) {
      found.set(profile.profileId, profile)
    }
  }
  return [...found.values()].sort((a, b) => (a.profileId < b.profileId ? -1 : 1))
}

/** Place in the list of all profiles. */
export type ProfilesPlace = { shard: number; place?: ListPlace }

/** Profiles, shard by shard. */
export async function listAllProfiles(
  env: CollectorEnv,
  { profileShards }: ResolvedConfig,
  from: ProfilesPlace,
  limit: number,
): Promise<{ profiles: Profile[]; next?: ProfilesPlace }> {
  const profiles: Profile[] = []
  let { shard, place } = from
  while (profiles.length < limit) {
    const page = await profilesOf(env, shard)?.list(place, limit - profiles.length)
    profiles.push(...(page?.profiles ?? []))
    place = page?.next
    if (place === undefined) shard += 1
    if (shard >= profileShards) return { profiles }
  }
  return { profiles, next: { shard, ...(place && { place }) } }
}

/** Changes of all shards after a place of each, in the order of their shards. */
export async function readChanges(
  env: CollectorEnv,
  { profileShards }: ResolvedConfig,
  from: readonly ChangePlace[],
  limit: number,
): Promise<{ changes: ToldChange[]; next: ChangePlace[] }> {
  const changes: ToldChange[] = []
  const next: ChangePlace[] = []
  for (const [shard, profiles] of allProfiles(env, profileShards).entries()) {
    const place = from[shard] ?? { seq: 0, given: 0 }
    const left = limit - changes.length
    const page = left > 0 ? await profiles.changes(shard, place, left) : undefined
    changes.push(...(page?.changes ?? []))
    next.push(page?.through ?? place)
  }
  return { changes, next }
}

/**
 * Lets the shards send each other what they have to tell, until nothing is on its way.
 *
 * @throws Error when some do not answer.
 */
export async function pumpProfiles(env: CollectorEnv, shards: number): Promise<void> {
  if (shards === 1) return
  const all = allProfiles(env, shards)
  // Each round brings every message one shard further; a component moves a few times at most.
  for (let round = 0; round < MAX_PUMP_ROUNDS; round++) {
    await Promise.all(all.map((profiles) => profiles.pump()))
    const waiting = await Promise.all(all.map((profiles) => profiles.stats()))
    if (waiting.every(({ outgoing }) => outgoing === 0)) return
  }
  throw new Error('The shards of profiles could not reach each other.')
}

/** Tells every shard that a rebuild begins, and which of its components are to be made anew. */
export async function beginHealing(
  env: CollectorEnv,
  shards: number,
  components: readonly Address[],
): Promise<void> {
  await Promise.all(
    allProfiles(env, shards).map((each, shard) =>
      each.beginHealing(components.filter((address) => profileShardOf(address, shards) === shard)),
    ),
  )
}

/** Tells every shard that it has ended. */
export async function endHealing(env: CollectorEnv, shards: number): Promise<void> {
  await Promise.all(allProfiles(env, shards).map((each) => each.endHealing()))
}
