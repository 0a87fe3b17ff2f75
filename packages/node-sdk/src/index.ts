export type {
  AliasEvent,
  EventContext,
  GroupEvent,
  IdentifyEvent,
  Json,
  JsonObject,
  PageEvent,
  ScreenEvent,
  TrackEvent,
  TributaryEvent,
} from '@tributary/protocol'
export { type ClientEvents, type FlushOptions, Tributary } from './client.ts'
export type {
  AliasCall,
  Callback,
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
export type { TributaryOptions } from './options.ts'
export type { Fetch, FetchAnswer } from './platform.ts'
export { VERSION } from './version.ts'
