import type { TributaryEvent } from '@tributary/protocol'
import type { Ending, Notice, TrackerError } from './core/ending.ts'
import type { DeliveryStats } from './delivery.ts'

import type { Plugin, SourceMiddleware } from './plugin.ts'

/** Properties of an event, or traits of a person or group: anything that JSON can carry. */
export type Properties = Record<string, unknown>

/** An identifier; numbers are sent as strings. */
export type Id = string | number | null

/** Called once the event is in the queue, or was dropped on the way there. What it throws is swallowed. */
export type Callback = (receipt: Receipt) => unknown

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

/** What a call gives back. */
export interface Receipt {
  /** The event as it is in the queue; `undefined` when it was dropped before it came there. */
  event: TributaryEvent | undefined
  /**
   * Resolves with the end of the event: the collector's verdict, or the reason why it was dropped. Stays open for as
   * long as the event is tried; never rejects.
   */
  delivered: Promise<Ending>
}

/** Resolves once the event is in the queue (or was dropped). Never rejects. */
export type Recorded = Promise<Receipt>

/** Who uses this browser. */
export interface User {
  id(): string | undefined
  anonymousId(): string | undefined
  traits(): Properties
}

/** The group that the person was last put in. */
export interface Group {
  id(): string | undefined
  traits(): Properties
}

/** What {@link Tracker.on} tells of, with the arguments of a listener. */
export interface TrackerEvents {
  /** An event was built, and is on its way into the queue. */
  recorded: [event: TributaryEvent]
  /** Events are in the queue, by `messageId`. */
  persisted: [messageIds: string[]]
  /** Events are in a request that has started, by `messageId`. */
  sent: [messageIds: string[]]
  /** The collector has an event; `outcome` tells whether for the first time. */
  delivered: [notice: Notice]
  /** The collector keeps an event in quarantine; `code` is its reason. */
  rejected: [notice: Notice]
  /** An event was given up; `reason` says why. */
  dropped: [notice: Notice]
  /** Something went wrong that may mend itself: a request, the disk, a plugin. */
  error: [error: TrackerError]
  /** `reset()` was called. */
  reset: []
  /** A call was made, with its arguments. */
  track: unknown[]
  identify: unknown[]
  page: unknown[]
  screen: unknown[]
  group: unknown[]
  alias: unknown[]
}

/** Elements that {@link Tracker.trackLink} and {@link Tracker.trackForm} watch: one, several, or none (`null`). */
export type Elements = Element | ArrayLike<Element> | null

/** A name or properties for an element, or a function that finds them when it is used. */
export type ForElement<T> = T | ((element: Element) => T)

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
  /** The group that the person was last put in. */
  group(): Group
  /** The company, team or account that the person belongs to. */
  group(
    id: Id | Properties,
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
  /** What became of this page's own events, and where the queue is kept. */
  stats(): DeliveryStats
  /** Listens until {@link Tracker.off}. What a listener throws is swallowed. */
  on<Name extends keyof TrackerEvents>(
    name: Name,
    listener: (...args: TrackerEvents[Name]) => unknown,
  ): void
  /** Listens for the next one only. */
  once<Name extends keyof TrackerEvents>(
    name: Name,
    listener: (...args: TrackerEvents[Name]) => unknown,
  ): void
  off<Name extends keyof TrackerEvents>(
    name: Name,
    listener: (...args: TrackerEvents[Name]) => unknown,
  ): void
  /** Adds plugins, in their order; see {@link Plugin}. Resolves when they are in place. */
  register(...plugins: Plugin[]): Promise<void>
  /** Segment's source middleware, called at once for each event: without a call of `next` the event is dropped. */
  addSourceMiddleware(middleware: SourceMiddleware): Promise<void>
  /** Writes every event and what became of it to the console, or stops. */
  debug(on?: boolean): void
  /** Tracks each click on a link. The navigation is not held up: the event is kept before the page goes. */
  trackLink(
    elements: Elements,
    event: ForElement<string>,
    properties?: ForElement<Properties>,
    options?: CallOptions,
  ): Tracker
  /** Tracks each submission of a form, as {@link Tracker.trackLink}. */
  trackForm(
    elements: Elements,
    event: ForElement<string>,
    properties?: ForElement<Properties>,
    options?: CallOptions,
  ): Tracker
}
