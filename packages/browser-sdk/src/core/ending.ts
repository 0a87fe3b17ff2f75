/** Why an event was dropped without a verdict. */
export type DropReason =
  /** Its arguments cannot be written as JSON. */
  | 'unserialisable'
  /** A hook, plugin or middleware did not let it pass. */
  | 'hook'
  /** A hook, plugin or middleware threw, and might have redacted it. */
  | 'hook_failed'
  /** The collector takes no request as large as this event alone. */
  | 'too_large'
  /** It was older than `maxEventAgeMs` when another attempt failed. */
  | 'expired'
  /** The queue was over `maxQueueBytes`, and this event its oldest. */
  | 'queue_full'
  /** The collector refused the request for good; `code` is its reason. */
  | 'refused'
  /** The person said no to tracking while the event waited. */
  | 'consent'

/** How an event can end. */
export type Outcome = 'delivered' | 'duplicate' | 'rejected' | 'dropped'

/** The end of an event. */
export interface Ending {
  outcome: Outcome
  /** Why it was dropped. */
  reason?: DropReason | undefined
  /** The collector's code, where it gave one. */
  code?: string | undefined
}

/** The end of one event, as listeners are told. */
export interface Notice extends Ending {
  messageId: string
}

/** Something that went wrong, as listeners of `error` are told. */
export interface TrackerError {
  /**
   * - `request_failed`: there was no verdict (offline, blocked, 5xx, a portal's page); it is tried again.
   * - `disk_failed`: IndexedDB could not be used; the queue goes on in localStorage, or in memory.
   * - `plugin_failed`: a plugin threw.
   */
  code: 'request_failed' | 'disk_failed' | 'plugin_failed'
  /** HTTP status, 0 without an answer. */
  status?: number | undefined
  /** What was thrown. */
  cause?: unknown
}
