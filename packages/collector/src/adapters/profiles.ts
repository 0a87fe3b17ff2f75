import type { Address } from '@tributary/identity'
import { profileShardOf } from '../core/profile-graph.ts'
import type { CollectorEnv } from '../env.ts'
import type { Found, ProfileQuestion } from '../stores/profile-reads.ts'
import { allProfiles, profilesOf } from './profile-stubs.ts'

/** A component that moves is met where it is about to arrive; more moves than these between two looks are none. */
const MAX_HOPS = 20

/** Asks the directory, and then the home that it names: one or two calls. */
export async function findProfile(
  env: CollectorEnv,
  shards: number,
  address: Address,
  events?: ProfileQuestion['events'],
): Promise<Extract<Found, { kind: 'profile' }> | undefined> {
  let component: Address | undefined
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const shard = profileShardOf(component ?? address, shards)
    const found = await profilesOf(env, shard)?.ask({
      shard,
      address,
      ...(component !== undefined && { component }),
      ...(events && { events }),
    })
    if (found?.kind === 'profile') return found
    if (found?.kind !== 'elsewhere') return undefined
    component = found.component
  }
  return undefined
}

/** Lets the shards send each other what they have to tell, until nothing is on its way. */
export async function pumpProfiles(env: CollectorEnv, shards: number): Promise<void> {
  if (shards === 1) return
  for (;;) {
    const left = await Promise.all(allProfiles(env, shards).map((profiles) => profiles.pump()))
    const again = await Promise.all(
      allProfiles(env, shards).map(async (profiles) => (await profiles.stats()).outgoing),
    )
    if ([...left, ...again].every((count) => count === 0)) return
  }
}
