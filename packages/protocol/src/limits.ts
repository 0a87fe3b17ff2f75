/**
 * Every limit that the SDKs and the collector must agree on, each with its reason.
 * Bytes are UTF-8 bytes of JSON; lengths are UTF-16 code units.
 */

/** One event. Segment allows 32 KiB; twice that lets its oversized events in and still fits a keepalive request. */
export const MAX_EVENT_BYTES: number = 64 * 1024

/** One request body, inflated. Segment's and RudderStack's clients stop at 512 KiB; a body fits in one journal row even where all of it is refused. */
export const MAX_BODY_BYTES: number = 1024 * 1024

/** The events of one batch with what they share merged into each. Well below the 32 MiB of one call of a Durable Object. */
export const MAX_MERGED_BYTES: number = 8 * 1024 * 1024

/** Events in one batch. Segment documents 2,500; beyond it Segment answers 200 and drops, the collector answers 413. */
export const MAX_BATCH_EVENTS: number = 2500

/** A longer `messageId` is replaced by its hash, and the original kept beside it (Segment's own limit). */
export const MAX_MESSAGE_ID_LENGTH: number = 100

/** Nesting of one event. Deeper JSON only occurs in attacks on recursive readers. */
export const MAX_EVENT_DEPTH: number = 64

/** Body of one keepalive request: browsers share 64 KiB among all of a page's keepalive requests (Fetch standard, "inflight keepalive bytes"). */
export const MAX_KEEPALIVE_BYTES: number = 60 * 1024

/** Longest wait that a client takes from `Retry-After`, so that a wrong header cannot silence it for long. */
export const MAX_RETRY_AFTER_MS: number = 60 * 60 * 1000

/** First step of the exponential backoff between attempts. */
export const RETRY_BASE_MS: number = 1000

/** Longest step of the backoff. */
export const RETRY_MAX_MS: number = 5 * 60 * 1000

/** Streams that one envelope may tell the end of; a client that knows more tells the rest with its next batch. */
export const MAX_PREVIOUS_STREAMS: number = 100

/** Name of a delivery stream; the SDKs' are UUIDs. */
export const MAX_STREAM_LENGTH: number = 128

/** A stream of more events than this is a mistake of its client, and not counted. */
export const MAX_STREAM_SEQ: number = 100_000_000
