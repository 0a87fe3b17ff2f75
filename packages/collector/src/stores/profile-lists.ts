import {
  type Address,
  digestsOfComponent,
  type GroupPart,
  groupPartOf,
  type Profile,
  type ProfileChange,
} from '@tributary/identity'
import { beginsWith, plainProfile } from '../core/profile-answer.ts'
import { profileShardOf } from '../core/profile-graph.ts'
import { MAX_SEARCH_COMPONENTS } from '../limits.ts'
import type { ProfileStore } from './profile-store.ts'

/** Place in the list of all profiles of a shard: a component, and how many of its profiles were given. */
export interface ListPlace {
  component: Address
  given: number
}

/** A change as a follower is told of it; the profile itself is to be read, as it is by then. */
export type ToldChange = { id: string; at: string } & (ProfileChange extends infer Change
  ? Change extends { profile: Profile }
    ? Omit<Change, 'profile'>
    : Change
  : never)

/** How far a follower is: a row of changes, and how many of it. */
export interface ChangePlace {
  seq: number
  given: number
}

/** Components looked at for one page at most. */
const COMPONENTS_PER_PAGE = 200

/** Profiles in the order of their components. */
export async function listProfiles(
  store: ProfileStore,
  from: ListPlace | undefined,
  limit: number,
): Promise<{ profiles: Profile[]; next?: ListPlace }> {
  const profiles: Profile[] = []
  const rest = store.statements.componentsAfter(from?.component ?? '', COMPONENTS_PER_PAGE)
  const begun = from && from.given > 0 ? [from.component] : []
  let place: ListPlace | undefined
  for (const component of [...begun, ...rest]) {
    if (store.statements.movedTo(component) !== undefined) continue
    const all = await profilesOf(store, component)
    const start = component === from?.component ? from.given : 0
    const some = all.slice(start, start + limit - profiles.length)
    profiles.push(...some)
    const isDone = start + some.length === all.length
    place = { component, given: isDone ? 0 : start + some.length }
    if (profiles.length === limit) return { profiles, next: place }
  }
  return { profiles, ...(rest.length === COMPONENTS_PER_PAGE && place && { next: place }) }
}

async function profilesOf(store: ProfileStore, component: Address): Promise<Profile[]> {
  const { settled } = (await store.components.load(component)).component
  const profiles = [...new Set(settled.profiles.values())].map(plainProfile)
  return profiles.sort((a, b) => (a.profileId < b.profileId ? -1 : 1))
}

/** Components in which an identifier or a trait may begin with a text; moved ones by where they were. */
export function candidates(store: ProfileStore, prefix: string): Address[] {
  const named = store.statements.componentsWith(prefix, MAX_SEARCH_COMPONENTS)
  return [...new Set(named.map((component) => store.resolve(component)))]
}

/** Of some components the profiles that match; of those that are elsewhere, where. */
export async function matchesIn(
  store: ProfileStore,
  shard: number,
  components: readonly Address[],
  prefix: string,
): Promise<{ profiles: Profile[]; elsewhere: Address[] }> {
  const profiles: Profile[] = []
  const elsewhere: Address[] = []
  for (const component of new Set(components.map((address) => store.resolve(address)))) {
    if (profileShardOf(component, store.shards) !== shard) elsewhere.push(component)
    else
      profiles.push(
        ...(await profilesOf(store, component)).filter((each) => beginsWith(each, prefix)),
      )
  }
  return { profiles, elsewhere }
}

/** What this shard's components know of a group: traits with their moments, to be joined with those of other shards. */
export async function groupParts(
  store: ProfileStore,
  shard: number,
  groupId: string,
): Promise<GroupPart[]> {
  const parts: GroupPart[] = []
  const components = store.statements.componentsOfGroup(groupId)
  for (const component of new Set(components.map((address) => store.resolve(address)))) {
    if (profileShardOf(component, store.shards) !== shard) continue
    const { settled } = (await store.components.load(component)).component
    parts.push(...[groupPartOf(settled, groupId) ?? []].flat())
  }
  return parts
}

/** What a component comes to; `null` where its rows cannot be read. */
interface ToldDigest {
  component: Address
  digest: string | null
  profiles: number
}

/** Digests of components, in the order of their addresses. */
export async function listDigests(
  store: ProfileStore,
  after: Address,
  limit: number,
): Promise<{ digests: ToldDigest[]; next?: Address }> {
  const components = store.statements.componentsAfter(after, limit)
  const digests: ToldDigest[] = []
  for (const component of components) {
    if (store.statements.movedTo(component) !== undefined) continue
    digests.push(...(await digestsIn(store, component)))
  }
  const last = components.at(-1)
  return { digests, ...(components.length === limit && last && { next: last }) }
}

async function digestsIn(store: ProfileStore, address: Address): Promise<ToldDigest[]> {
  const { component } = await store.components.load(address)
  if (store.statements.isDamaged(address)) {
    return [{ component: address, digest: null, profiles: 0 }]
  }
  return [...digestsOfComponent(address, component, store.rules)].map(
    ([part, { digest, settled }]) => {
      return { component: part, digest, profiles: new Set(settled.profiles.values()).size }
    },
  )
}

/** Changes after a place, and how far they go. */
export function listChanges(
  store: ProfileStore,
  shard: number,
  from: ChangePlace,
  limit: number,
): { changes: ToldChange[]; through: ChangePlace } {
  const changes: ToldChange[] = []
  let through = from
  for (const { seq, at, json } of store.statements.changesAfter(from.seq - 1, limit)) {
    const told = JSON.parse(json) as Omit<ToldChange, 'id' | 'at'>[]
    const start = seq === from.seq ? from.given : 0
    const some = told.slice(start, start + limit - changes.length)
    for (const [index, change] of some.entries()) {
      const id = `${shard}-${seq}-${start + index}`
      changes.push({ id, at: new Date(at).toISOString(), ...change } as ToldChange)
    }
    through = { seq, given: start + some.length }
    if (changes.length === limit) break
  }
  return { changes, through }
}
