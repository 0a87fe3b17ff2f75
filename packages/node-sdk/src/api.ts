export type {
  AliasEvent,
  EventContext,
  GroupEvent,
  IdentifyEvent,
  Json,
  JsonObject,
  PageEvent,
  Plan,
  PlannedName,
  PlannedProperties,
  ScreenEvent,
  TrackEvent,
  TributaryEvent,
} from '@tributary/protocol'
export type { HttpClient, HttpClientAnswer, HttpClientRequest } from './adapters/fetch-post.ts'
export type { ClientStats, FlushOptions } from './client.ts'
export type { CallContext } from './core/call-context.ts'
export type {
  AliasCall,
  CallOptions,
  GroupCall,
  IdentifyCall,
  Identity,
  PageCall,
  ScreenCall,
  TrackCall,
} from './core/calls.ts'
export { DeliveryError, ValidationError } from './core/errors.ts'
export type { Stats } from './core/ledger.ts'
export type { Callback, Fate, Receipt } from './core/receipt.ts'
export type { EventLogStats } from './event-log.ts'
export type { QueueOptions, TributaryOptions } from './options.ts'
export type { ClientEvents } from './outcomes.ts'
export type { Fetch, FetchAnswer } from './platform.ts'
export type { EventHook, Plugin } from './plugin.ts'
export { currentContext, updateContext, withContext } from './request-context.ts'
export { createTracker, type PlannedTrack, type TypedTracker } from './typed-tracker.ts'
export { VERSION } from './version.ts'
