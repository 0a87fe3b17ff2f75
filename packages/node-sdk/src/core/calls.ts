import type {
  EventContext,
  EventType,
  GroupEvent,
  IdentifyEvent,
  JsonObject,
  PageEvent,
  ScreenEvent,
  TrackEvent,
} from '@tributary/protocol'
import { ValidationError } from './errors.ts'

/** Who did it: a `userId`, an `anonymousId`, or both; neither where the request that is being handled tells. */
export type Identity =
  | { userId: string; anonymousId?: string | null }
  | { anonymousId: string; userId?: string | null }
  | { userId?: never; anonymousId?: never }

/** What every call may carry. */
export interface CallOptions {
  /** Circumstances of the event. `library` and `delivery` are filled in by the SDK. */
  context?: EventContext
  /** When it happened; default: the time of the call. A string is sent as it is, so make it ISO 8601. */
  timestamp?: Date | string
  /** Segment's switches per destination; default `{}`. */
  integrations?: JsonObject
  /** Unique per event; default: a new UUIDv7. Give your own to make a repeated call count once. */
  messageId?: string
}

/** Argument of `track`. */
export type TrackCall = Identity & CallOptions & Pick<TrackEvent, 'event' | 'properties'>
/** Argument of `identify`. */
export type IdentifyCall = Identity & CallOptions & Pick<IdentifyEvent, 'traits'>
/** Argument of `page`. */
export type PageCall = Identity & CallOptions & Pick<PageEvent, 'category' | 'name' | 'properties'>
/** Argument of `screen`. */
export type ScreenCall = Identity &
  CallOptions &
  Pick<ScreenEvent, 'category' | 'name' | 'properties'>
/** Argument of `group`. */
export type GroupCall = Identity & CallOptions & Pick<GroupEvent, 'groupId' | 'traits'>
/** Argument of `alias`: `previousId` and `userId` are one person, known as `userId` from now on. */
export type AliasCall = CallOptions & { userId: string; previousId: string }

/** Argument of any of the six calls. */
export type AnyCall = TrackCall | IdentifyCall | PageCall | ScreenCall | GroupCall | AliasCall

/** The one field, beside the identity, that a type of call cannot do without. */
const REQUIRED_FIELD: Partial<Record<EventType, string>> = {
  track: 'event',
  group: 'groupId',
  alias: 'previousId',
}

/**
 * Checks what the collector would refuse for certain, where the mistake can still be found: at the call.
 *
 * @throws {ValidationError} When an id, the event's name, `groupId` or `previousId` is not a string, or empty.
 */
export function checkCall(type: EventType, call: unknown): void {
  const fields = (typeof call === 'object' && call !== null ? call : {}) as Record<string, unknown>
  const required = REQUIRED_FIELD[type]
  if (required && !isFilledString(fields[required])) {
    throw new ValidationError(
      required,
      `${type}() needs "${required}", a string that is not empty.`,
    )
  }
  if (type === 'alias' && !isFilledString(fields.userId)) {
    throw new ValidationError('userId', 'alias() needs "userId", the new id, a string.')
  }
  if (!isFilledString(fields.userId) && !isFilledString(fields.anonymousId)) {
    throw new ValidationError(
      'userId/anonymousId',
      `${type}() needs "userId" or "anonymousId", a string that is not empty.`,
    )
  }
}

function isFilledString(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
