export {
  addRecords,
  answerOf,
  emptyState,
  findProfile,
  type ProfileState,
} from './add-records.ts'
export { type Answer, buildProfiles } from './build-profiles.ts'
export { changesBetween, type ProfileChange } from './changes.ts'
export {
  DEFAULT_FANOUT,
  DEFAULT_LIMITS,
  DEFAULT_PRIORITY,
  type IdentityConfig,
  type Rules,
  resolveConfiguration,
} from './configuration.ts'
export type { Group } from './groups.ts'
export { type Identifier, parseIdentifier } from './identifiers.ts'
export type { Origin, Profile, Touch } from './profile.ts'
export { profileIdOf } from './profile-id.ts'
export {
  type Address,
  answerOfShards,
  emptyShard,
  enterRecord,
  type Home,
  handleMessage,
  type Shard,
  type ShardMessage,
  settleShard,
  shardOf,
} from './shards.ts'
export { type Explanation, why } from './why.ts'
