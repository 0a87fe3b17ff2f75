import type { EventType, TributaryEvent } from '@tributary/protocol'

/** Looks at an event, or returns another in its place; `null` drops it. Must not be async: it runs before the event is kept. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that only looks returns nothing
export type EventHook = (event: TributaryEvent) => TributaryEvent | null | undefined | void

/**
 * Segment's plugin, reduced to plain functions, one for each type of event that it cares about.
 * - `before` and `enrichment` (the default) run in this order before anything is kept, and may change or drop the event.
 *   What `enrichment` throws is told as an `error`; an event that a `before` throws at is dropped.
 * - `destination` is called with the event once it is in the queue.
 * - `after` is called with it once it has been delivered.
 */
export interface Plugin extends Partial<Record<EventType, EventHook>> {
  /** For `deregister`. */
  name?: string
  type?: 'before' | 'enrichment' | 'destination' | 'after'
  /** Called once, at registration, with the client. */
  load?(client: unknown): unknown
  /** Called when it is taken out again. */
  unload?(): unknown
}
