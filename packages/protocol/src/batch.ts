import type { TributaryEvent } from './events.ts'
import type { JsonObject } from './json.ts'

/** A run of a queue that ended, and the last `seq` it gave out. */
export interface PreviousStream {
  stream: string
  lastSeq: number
}

/** A page's wish that the collector keep its anonymous id in cookies (docs/protocol.md, "First-party id"). */
export interface FirstParty {
  /** The anonymous id that the browser uses now: 1 to 128 of `A-Z a-z 0-9 _ . : -`. */
  id: string
  /** True when the id was made just now because storage had none; only then is another from the cookie preferred. */
  fresh?: boolean
}

/** Body of `POST /v1/batch`. `Event` is what a batch holds: typed events when sending, anything when receiving. */
export interface BatchEnvelope<Event = TributaryEvent> {
  batch: Event[]
  /** The source's key; may instead be in a header or in the query. */
  writeKey?: string
  /** Time of this attempt by the client's clock, ISO 8601. */
  sentAt?: string
  /** Merged under each event's own `context`. */
  context?: JsonObject
  /** Merged under each event's own `integrations`. */
  integrations?: JsonObject
  /** Ask for `results` in the answer. */
  verdicts?: boolean
  /** Streams that ended before this one began and are not yet confirmed. */
  previousStreams?: PreviousStream[]
  /** Ask for cookies with the anonymous id; obeyed where the source has them configured. */
  firstParty?: FirstParty
}

/**
 * What became of one event.
 * - `accepted`: durable, counted.
 * - `duplicate`: already stored; done.
 * - `rejected`: will never be accepted as it is; kept in quarantine under `code`.
 * - `retry`: not stored; send it again.
 */
export type VerdictStatus = 'accepted' | 'duplicate' | 'rejected' | 'retry'

/** The collector's decision on one event. */
export interface Verdict {
  status: VerdictStatus
  code?: string
  message?: string
}

/** Body of a 2xx answer. An id that is absent from `results` is not acknowledged. */
export interface BatchAnswer {
  success: true
  ok: true
  /** By the client's `messageId`; an event that came without one is listed as `#` and its index in the batch. */
  results?: Record<string, Verdict>
  /** For a client that did not ask for `results`: the refused events, by their index in the batch. */
  errors?: { index: number; messageId?: string | undefined; code?: string; message?: string }[]
  /** The id from the cookie, for a browser that had lost it: to be used from now on. */
  anonymousId?: string
}

/** Body of every answer that is not 2xx. `error` repeats `message`: Segment's clients each look for another of the three. */
export interface ErrorAnswer {
  success: false
  code: string
  message: string
  error: string
}
