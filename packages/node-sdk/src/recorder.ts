import { type EventType, MAX_EVENT_BYTES, type TributaryEvent } from '@tributary/protocol'
import { fillCall } from './core/call-context.ts'
import { type AnyCall, checkCall } from './core/calls.ts'
import { ValidationError } from './core/errors.ts'
import type { LocalDropReason } from './core/outcome.ts'
import { type Callback, EventReceipt, type Receipt } from './core/receipt.ts'
import { type WrittenEvent, writeEvent } from './core/write-event.ts'
import type { Outcomes } from './outcomes.ts'
import type { Platform } from './platform.ts'
import type { Queue } from './queue.ts'
import { VERSION } from './version.ts'

const LIBRARY = JSON.stringify({ name: '@tributary/node', version: VERSION })

/** What a {@link Recorder} works with. */
export interface RecorderParts {
  platform: Platform
  outcomes: Outcomes
  queue: Queue
  /** The log's, where there is one. */
  synced: (() => Promise<void>) | undefined
  /** Why no event is taken at this time, if none is. */
  refusal(): LocalDropReason | undefined
  /** An event is in the queue. */
  onAdded(): void
}

/** An event and whose it is; or why there is none. */
type Recorded =
  | (WrittenEvent & { user: string | undefined })
  | { reason: LocalDropReason; cause?: unknown; json?: string }

/** Turns calls into events and puts them into the queue. */
export class Recorder {
  readonly #parts: RecorderParts
  #stream: string | undefined
  #nextSeq = 0
  #nowMs = 0
  #now = ''

  constructor(parts: RecorderParts) {
    this.#parts = parts
  }

  /** This client's delivery stream. Made with the first event: in a Worker's global scope there is no randomness. */
  get stream(): string {
    this.#stream ??= this.#parts.platform.uuid()
    return this.#stream
  }

  /** @throws {ValidationError} For a call that cannot become an event. */
  record(type: EventType, call: AnyCall, callback: Callback | undefined): Receipt {
    const recorded = this.#write(type, call)
    const { outcomes } = this.#parts
    outcomes.ledger.create()
    const receipt = new EventReceipt(callback)
    const reason = 'reason' in recorded ? recorded.reason : this.#enqueue(recorded, receipt)
    if (reason === undefined) {
      outcomes.taken(type, recorded.json as string)
    } else {
      receipt.accepted = false
      const cause = 'reason' in recorded ? recorded.cause : undefined
      outcomes.settle({ kind: 'dropped', reason }, recorded.json, receipt, cause)
    }
    return receipt
  }

  #write(type: EventType, call: AnyCall): Recorded {
    const { platform, outcomes } = this.#parts
    try {
      const request = platform.requestContext?.()
      const filled = request ? fillCall(type, call, request) : call
      checkCall(type, filled)
      const { messageId, json } = writeEvent(type, filled, {
        messageId: platform.uuid(),
        timestamp: this.#timestamp(),
        stream: this.stream,
        seq: this.#nextSeq,
        library: LIBRARY,
      })
      if (outcomes.hooks.canChange()) return this.#runHooks(json)
      return { messageId, json, user: userOf(filled) }
    } catch (cause) {
      if (cause instanceof ValidationError) throw cause
      return { reason: 'not_serialisable', cause }
    }
  }

  /** Hooks get a copy, so that what they redact stays whole in the caller's own objects. */
  #runHooks(json: string): Recorded {
    const built = JSON.parse(json) as TributaryEvent & { messageId: string }
    const { messageId } = built
    const event = this.#parts.outcomes.hooks.run(built)
    if (typeof event === 'string') return { reason: event, json }
    // Without its id no verdict would find it.
    if (typeof event.messageId !== 'string' || event.messageId === '') event.messageId = messageId
    return { messageId: event.messageId, json: JSON.stringify(event), user: userOf(event) }
  }

  /** Queues an event, or returns why it is dropped. Only an event that is queued takes a `seq`, so that a gap means a loss on the way. */
  #enqueue(
    { messageId, json, user = messageId }: WrittenEvent & { user: string | undefined },
    receipt: EventReceipt,
  ): LocalDropReason | undefined {
    const { platform, queue, synced, refusal, onAdded } = this.#parts
    const refused = refusal()
    if (refused) return refused
    const bytes = platform.byteLength(json)
    if (bytes > MAX_EVENT_BYTES) return 'event_too_large'
    receipt.synced = synced
    const seq = this.#nextSeq
    if (!queue.add({ messageId, json, bytes, seq, user, receipt })) return 'queue_full'
    this.#nextSeq++
    onAdded()
    return undefined
  }

  /** Of the events of a burst many are of the same millisecond. */
  #timestamp(): string {
    const nowMs = this.#parts.platform.nowMs()
    if (nowMs !== this.#nowMs || this.#now === '') {
      this.#nowMs = nowMs
      this.#now = new Date(nowMs).toISOString()
    }
    return this.#now
  }
}

/** The id by which the collector, too, keeps a person's events in order. */
function userOf(fields: { anonymousId?: unknown; userId?: unknown }): string | undefined {
  const { anonymousId, userId } = fields
  if (typeof anonymousId === 'string' && anonymousId !== '') return anonymousId
  return typeof userId === 'string' && userId !== '' ? userId : undefined
}
