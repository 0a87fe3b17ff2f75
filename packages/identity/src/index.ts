export {
  addRecords,
  answerOf,
  emptyState,
  findProfile,
  type ProfileState,
} from './add-records.ts'
export { type Address, addressOf, leastOf } from './address.ts'
export { type Answer, buildProfiles, makeAnswer } from './build-profiles.ts'
export { changesBetween, type ProfileChange } from './changes.ts'
export {
  absorb,
  type Component,
  dropFact,
  emptyComponent,
  settleComponent,
  takeFact,
} from './component.ts'
export {
  DEFAULT_FANOUT,
  DEFAULT_LIMITS,
  DEFAULT_PRIORITY,
  type IdentityConfig,
  type Rules,
  resolveConfiguration,
} from './configuration.ts'
export { type Connectivity, connect } from './connectivity.ts'
export {
  type ControlFact,
  type EventFact,
  type Fact,
  identifiersTiedBy,
  preferredCopy,
  readRecord,
} from './facts.ts'
export { type Group, type GroupPart, groupPartOf, joinGroup, makeGroups } from './groups.ts'
export { type Identifier, parseIdentifier } from './identifiers.ts'
export type { TakenLink } from './partition.ts'
export { keysOf, type Origin, type Profile, type Touch } from './profile.ts'
export { fingerprintOf, isProfileId, profileIdOf } from './profile-id.ts'
export { compareMoments, toIso } from './record-time.ts'
export { type Settled, settle } from './settle.ts'
export {
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
export { SKELETON, skeletonOf } from './skeleton.ts'
export {
  buildStoredProfiles,
  componentsOfStored,
  digestOf,
  digestsOfComponent,
  digestsOfStored,
  plainIdOf,
  readStoredRecord,
} from './stored-records.ts'
export { type Explanation, explain, why } from './why.ts'
