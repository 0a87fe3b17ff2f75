import { postByFetch } from './adapters/fetch-post.ts'
import { createTransport } from './adapters/http-transport.ts'
import type { EventLog } from './event-log.ts'
import type { Settings } from './options.ts'
import type { Outcomes } from './outcomes.ts'
import type { Platform, Post } from './platform.ts'
import { Queue } from './queue.ts'
import { Sender } from './sender.ts'

/** What is put together here, and with what. */
export interface DeliveryParts {
  settings: Settings
  platform: Platform
  outcomes: Outcomes
  /** The client's delivery stream. */
  stream(): string
  /** Something has left the queue or come into it from the disk. */
  onChange(): void
}

/** The queue, what is on disk of it, and what empties it. */
export interface Delivery {
  log: EventLog | undefined
  queue: Queue
  sender: Sender
}

/** @throws {Error} For a disk queue where there is no disk. */
export function createDelivery(parts: DeliveryParts): Delivery {
  const { settings, platform, outcomes, stream, onChange } = parts
  const log = openLog(parts, () => queue.refill())
  const queue = new Queue({
    maxBytes: settings.maxQueueBytes,
    log,
    platform,
    stream,
    onRecovered: () => outcomes.ledger.recover(),
    onLost: (count, receipts) =>
      outcomes.lose(count, { kind: 'dropped', reason: 'disk_lost' }, receipts),
    onLoaded() {
      sender.loaded()
      onChange()
    },
  })
  const { fetch, post = postByFetch(fetch) } = platform
  const sender = new Sender({
    queue,
    settings,
    platform,
    transport: createTransport(
      { ...settings, post: observed(settings.post ?? post, outcomes) },
      platform,
    ),
    onSettled(settled) {
      for (const { entry, outcome } of settled) outcomes.settle(outcome, entry.json, entry.receipt)
      onChange()
      if (queue.pending === 0) outcomes.listeners.emit('drained', undefined)
    },
    onFailure: (error) => outcomes.tellFailure(error),
  })
  return { log, queue, sender }
}

function openLog(
  { settings, platform, outcomes }: DeliveryParts,
  onUnread: () => void,
): EventLog | undefined {
  if (!settings.queue) return undefined
  if (!platform.openLog) {
    throw new Error('The Tributary option "queue" needs a disk, which is not to be had here.')
  }
  const onFailure = (error: Error): void => outcomes.tellFailure(error)
  return platform.openLog({ ...settings.queue, onFailure, onUnread })
}

function observed(post: Post, { listeners }: Outcomes): Post {
  return async (request) => {
    const { url, headers, body } = request
    // Not at once: a request may start within a call of the host's.
    queueMicrotask(() => listeners.emit('http_request', { url, headers, body }))
    const answer = await post(request)
    listeners.emit('http_response', { status: answer.status })
    return answer
  }
}
