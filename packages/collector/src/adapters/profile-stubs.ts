import type { CollectorEnv } from '../env.ts'
import type { Profiles } from '../stores/profiles.ts'

/** What other parts call; the platform's own type of a stub cannot follow values as deep as JSON. */
export type ProfilesStub = {
  [Name in Exclude<keyof Profiles, keyof DurableObject | 'alarm' | 'fetch'>]: (
    ...parameters: Parameters<Profiles[Name]>
  ) => Promise<Awaited<ReturnType<Profiles[Name]>>>
}

/** One shard of profiles; `undefined` in a deployment without. */
export function profilesOf(env: CollectorEnv, shard: number): ProfilesStub | undefined {
  return env.PROFILES?.getByName(`profiles-${shard}`) as unknown as ProfilesStub | undefined
}

/** Every shard of profiles, in order; none in a deployment without. */
export function allProfiles(env: CollectorEnv, shards: number): ProfilesStub[] {
  return Array.from({ length: shards }, (_, shard) => profilesOf(env, shard) ?? []).flat()
}
