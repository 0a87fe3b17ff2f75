export type {
  DeliveryTotals,
  ProfileShardStats,
  QuarantineRecord,
  ReplayAnswer,
  SeriesAnswer,
  SeriesRange,
  ShardStats,
  SourceTotals,
  StatsAnswer,
} from './admin-api.ts'
export {
  type AnswerClass,
  classifyAnswer,
  type HttpAnswer,
  parseRetryAfter,
} from './answer.ts'
export { backoffMs } from './backoff.ts'
export type {
  BatchAnswer,
  BatchEnvelope,
  ErrorAnswer,
  FirstParty,
  PreviousStream,
  Verdict,
  VerdictStatus,
} from './batch.ts'
export {
  type AliasEvent,
  type DeliveryContext,
  EVENT_TYPES,
  type EventContext,
  type EventFields,
  type EventType,
  type GroupEvent,
  type IdentifyEvent,
  type PageContext,
  type PageEvent,
  type ScreenEvent,
  type TrackEvent,
  type TributaryEvent,
} from './events.ts'
export { isDeeperThan, isJsonObject, isRawNumber, type Json, type JsonObject } from './json.ts'
export {
  MAX_BATCH_EVENTS,
  MAX_BODY_BYTES,
  MAX_EVENT_BYTES,
  MAX_EVENT_DEPTH,
  MAX_KEEPALIVE_BYTES,
  MAX_MERGED_BYTES,
  MAX_MESSAGE_ID_LENGTH,
  MAX_PREVIOUS_STREAMS,
  MAX_RETRY_AFTER_MS,
  MAX_STREAM_LENGTH,
  MAX_STREAM_SEQ,
  RETRY_BASE_MS,
  RETRY_MAX_MS,
} from './limits.ts'
export { NAMES_OF_NOBODY } from './names-of-nobody.ts'
export { type BatchRefusalCode, mergeEnvelope, parseBatch, parseFirstParty } from './parse-batch.ts'
export { type EventRefusalCode, type ParsedEvent, parseEvent } from './parse-event.ts'
export type { Plan, PlannedName, PlannedProperties, UnplannedName } from './plan.ts'
export { accept, type Refusal, type Result, refuse } from './result.ts'
export { type BatchLimits, splitBatch } from './split-batch.ts'
