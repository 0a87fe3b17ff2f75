export type { Plan, PlannedName, PlannedProperties } from '@tributary/protocol'
export type { DropReason, Ending, Notice, Outcome, TrackerError } from './core/ending.ts'
export type { DeliveryStats as Stats } from './delivery.ts'
export { TributaryBrowser } from './load.ts'
export type { LoadOptions } from './options.ts'
export type { EventHook, Plugin, SourceMiddleware } from './plugin.ts'
export type {
  Callback,
  CallOptions,
  Elements,
  ForElement,
  Group,
  Id,
  Properties,
  Receipt,
  Recorded,
  Tracker,
  TrackerEvents,
  User,
} from './tracker-api.ts'
export { createTracker, type PlannedTrack, type TypedTracker } from './typed-tracker.ts'
