import type { JsonObject } from './json.ts'

/** The six calls of the Segment specification. */
export const EVENT_TYPES = ['track', 'identify', 'page', 'screen', 'group', 'alias'] as const

/** One of the six calls. */
export type EventType = (typeof EVENT_TYPES)[number]

/** The page an event happened on. `url` has no fragment; `search` begins with `?` or is empty. */
export interface PageContext {
  path?: string
  referrer?: string
  search?: string
  title?: string
  url?: string
}

/** Which run of which queue sent the event: `seq` counts a stream's events from 0 without gaps, so that a loss can be measured. */
export interface DeliveryContext {
  /** Unique per page load or process. */
  stream: string
  /** Position in the stream, from 0. */
  seq: number
  /** Attempts made before this one; absent on the first. */
  attempt?: number
}

/** What is known about the circumstances of an event. Unknown keys are kept. */
export interface EventContext extends JsonObject {
  /** Address of the person's device. `0.0.0.0` asks the collector not to fill it in. */
  ip?: string
  userAgent?: string
  locale?: string
  timezone?: string
  library?: { name: string; version: string }
  page?: PageContext & JsonObject
  campaign?: JsonObject
  traits?: JsonObject
  delivery?: DeliveryContext & JsonObject
}

/** What every event carries. At least one of `userId` and `anonymousId` must be there. */
export interface EventFields {
  /** Unique per event and stable over retries. The SDKs make a UUIDv7 at the call. */
  messageId?: string
  /** The person as your own systems know them. */
  userId?: string
  /** The device or browser before, and beside, a `userId`. */
  anonymousId?: string
  /** Time of the call by the client's clock, ISO 8601. */
  timestamp?: string
  /** Time of the request by the client's clock, ISO 8601; the envelope's `sentAt` serves every event of a batch. */
  sentAt?: string
  context?: EventContext
  /** Segment's switches per destination, kept as they came. */
  integrations?: JsonObject
}

/** Something a person did. */
export interface TrackEvent extends EventFields {
  type: 'track'
  /** Name of what happened, for example `Order Completed`. */
  event: string
  properties?: JsonObject
}

/** Who the person is. `traits` describe them. */
export interface IdentifyEvent extends EventFields {
  type: 'identify'
  traits?: JsonObject
}

/** A page that was viewed. */
export interface PageEvent extends EventFields {
  type: 'page'
  category?: string
  name?: string
  properties?: JsonObject
}

/** A screen of an app that was viewed. */
export interface ScreenEvent extends EventFields {
  type: 'screen'
  category?: string
  name?: string
  properties?: JsonObject
}

/** The company, team or account that the person belongs to. */
export interface GroupEvent extends EventFields {
  type: 'group'
  groupId: string
  traits?: JsonObject
}

/** Two identifiers of one person: `userId` is the new one. */
export interface AliasEvent extends EventFields {
  type: 'alias'
  previousId: string
}

/** Any of the six calls. */
export type TributaryEvent =
  | TrackEvent
  | IdentifyEvent
  | PageEvent
  | ScreenEvent
  | GroupEvent
  | AliasEvent
