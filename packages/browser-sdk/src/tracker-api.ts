import type { TributaryEvent } from '@tributary/protocol'
import type { Stats } from './core/ledger.ts'

/** Properties of an event, or traits of a person or group: anything that JSON can carry. */
export type Properties = Record<string, unknown>

/** An identifier; numbers are sent as strings. */
export type Id = string | number | null

/** Called once the event is in the queue, with `undefined` when it was dropped. What it throws is swallowed. */
export type Callback = (event: TributaryEvent | undefined) => unknown

/** Segment's options of a call. An option that is not listed goes into the event's context. */
export interface CallOptions {
  /** Merged over the event's own context. */
  context?: Properties
  integrations?: Properties
  /** When it happened, if not now. */
  timestamp?: Date | string | number
  /** Also becomes this browser's anonymous id. */
  anonymousId?: string
  /** For this event alone. */
  userId?: string
  /** At most 100 characters; a longer one is replaced. */
  messageId?: string
  [key: string]: unknown
}

/** The event once it is in the queue; `undefined` when it was dropped. Never rejects. */
export type Recorded = Promise<TributaryEvent | undefined>

/** Who uses this browser. */
export interface User {
  id(): string | undefined
  anonymousId(): string | undefined
  traits(): Properties
}

/**
 * The public calls, with Segment's overloads. None ever throws into the page or rejects. Each call builds its
 * whole event before it returns. A callback may also stand in place of any argument after the first.
 */
export interface Tracker {
  /** Something the person did. */
  track(
    event: string,
    properties?: Properties | Callback | null,
    options?: CallOptions | Callback | null,
    callback?: Callback,
  ): Recorded
  track(
    event: { event: string; properties?: Properties },
    options?: CallOptions | Callback | null,
    callback?: Callback,
  ): Recorded
  /** Who the person is. Traits are remembered, merged and sent with each identify. */
  identify(
    id?: Id | Properties,
    traits?: Properties | Callback | null,
    options?: CallOptions | Callback | null,
    callback?: Callback,
  ): Recorded
  /** A page that was viewed. One string is its name, two are category and name. */
  page(
    category?: string | Properties | Callback | null,
    name?: string | Properties | CallOptions | Callback | null,
    properties?: Properties | CallOptions | Callback | null,
    options?: CallOptions | Callback | null,
    callback?: Callback,
  ): Recorded
  /** A screen of an app that was viewed; arguments as of `page`. */
  screen(
    category?: string | Properties | Callback | null,
    name?: string | Properties | CallOptions | Callback | null,
    properties?: Properties | CallOptions | Callback | null,
    options?: CallOptions | Callback | null,
    callback?: Callback,
  ): Recorded
  /** The company, team or account that the person belongs to. */
  group(
    id?: Id | Properties,
    traits?: Properties | Callback | null,
    options?: CallOptions | Callback | null,
    callback?: Callback,
  ): Recorded
  /** Two ids of one person. `from` defaults to the user id, and without one to the anonymous id. */
  alias(
    to: Id,
    from?: Id | CallOptions | Callback,
    options?: CallOptions | Callback | null,
    callback?: Callback,
  ): Recorded
  /** Forgets the user, group, traits and anonymous id. Events in the queue keep theirs. */
  reset(): void
  /** Tries to send everything in the queue now. Resolves after the attempt, whatever came of it. */
  flush(): Promise<void>
  /** Sets the anonymous id where one is given. Returns the one in use. */
  setAnonymousId(id?: Id): string | undefined
  user(): User
  /** Resolves, and calls `callback`, when the leftovers of earlier pages are in the queue. */
  ready(callback?: () => unknown): Promise<void>
  /** What became of this page's own events. */
  stats(): Stats
}
