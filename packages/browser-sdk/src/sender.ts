import { backoffMs, classifyAnswer, MAX_KEEPALIVE_BYTES, splitBatch } from '@tributary/protocol'
import { isoTime } from './core/build-event.ts'
import { decide, type Progress, type Settlement } from './core/decide.ts'
import { byteLength, composeBody, type Entry, readRow } from './core/entry.ts'
import type { ResolvedOptions } from './options.ts'
import type { Platform } from './platform.ts'
import type { Queue } from './queue.ts'
import type { Turns } from './turns.ts'

/** Sends the queue until every event has a verdict. */
export interface Sender {
  /** An event has been added to the queue. */
  added(): void
  /** Sends the queue now, without regard to backoff, unless the collector has asked for a pause. Never rejects. */
  flush(): Promise<void>
  /** Sends the newest of this page's events in one request that outlives the page, started before this returns. */
  hide(): void
  /**
   * Lets `send` make the request of {@link Sender.hide}, whenever that will be. Without `sentAt`, by which the collector
   * would take the time until then for an error of the clock. Not called, and undefined, where there is nothing to send.
   */
  lastRequest<T>(send: (url: string, body: string) => T): T | undefined
  /** The network or the person is back: backoff starts anew. */
  wake(): void
  stop(): void
}

/** What a sender works with. */
interface SenderParts {
  options: ResolvedOptions
  platform: Platform
  queue: Queue
  turns: Turns
  /** This page's own events without an end, oldest first. */
  unended(): Entry[]
  /** What a request says beside its events. */
  preamble(): object
  onSent(batch: readonly Entry[]): void
  /** An answer with verdicts. */
  onAnswer(settled: readonly Settlement[]): void
  /** An attempt has brought no verdict at all. Resolves when nothing too old is in the queue. */
  onFailure(status: number): Promise<void> | undefined
}

/** Most events in a request. In normal times there are few; after an outage the queue is soon gone. */
const MAX_EVENTS = 500
/** Most characters of events in a request. */
const MAX_CHARACTERS = 240 * 1024
/** Requests up to this size outlive the page anyway; the other half of the browser's allowance is kept for hiding. */
const KEEPALIVE_BYTES = MAX_KEEPALIVE_BYTES / 2
/** Rows that are read at once. */
const ROWS = 20
/** A page that records without a pause gets larger requests, not more. */
const SOON_MS = 200

const NEVER = Number.POSITIVE_INFINITY

/** The one loop that sends, and the one place that decides to try again. */
export function createSender(parts: SenderParts): Sender {
  const { options, platform, queue, turns } = parts
  const { batchSize, intervalMs, url } = options
  const { elapsed } = platform
  /** Keys of the events in a request, and whether it outlives the page. */
  const underWay = new Map<string, boolean>()
  let keepaliveBytes = 0
  let added = 0
  let running: Promise<void> | undefined
  // Where the walk over the queue is: behind an event in a row.
  let row = ''
  let after = ''
  let maxEvents = MAX_EVENTS
  // Events without a verdict since the walk began at the front: they are tried less often than those that come after them.
  let behind = new Set<string>()
  // When the walk begins at the front again; never while it is on its way from there.
  let returnAt = 0
  let returns = 0
  // When the next request may start, by the clock that only goes forward.
  let failures = 0
  let notBefore = 0
  // The same, where the collector has asked for it.
  let pausedUntil = 0
  let dueAt = NEVER
  let cancel = (): void => {}

  const isPaused = (): boolean => elapsed() < pausedUntil

  const afterBackoff = (times: number): number => elapsed() + backoffMs(times, platform.random())

  /** Asks for a walk in `ms`, or as soon after as backoff and the collector's pause allow. There is one timer. */
  function within(ms: number): void {
    const at = Math.max(elapsed() + ms, notBefore, pausedUntil)
    if (at >= dueAt) return
    cancel()
    dueAt = at
    cancel = platform.after(at - elapsed(), () => {
      dueAt = NEVER
      // A request may fail, or have failed, after this timer was set: its backoff holds.
      if (running || elapsed() < notBefore) within(intervalMs)
      else void run()
    })
  }

  /** Walks over the queue, unless that is being done already. Never rejects. */
  function run(): Promise<void> {
    added = 0
    running ??= turns.take(walk).then((taken) => {
      running = undefined
      if (!taken) within(intervalMs)
    })
    return running
  }

  /** Sends the queue, oldest first, to its end. */
  async function walk(): Promise<void> {
    if (elapsed() >= returnAt) {
      row = after = ''
      returnAt = NEVER
      behind = new Set()
    }
    while (await step());
  }

  /** Sends the next batch of a walk. False when the walk is over: at the end of the queue, or for now. */
  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one turn of the loop, in its order; its parts are functions
  async function step(): Promise<boolean> {
    const rows = await queue.read(row, ROWS)
    // Asked now: the disk may have taken seconds.
    if (isPaused() || !turns.goesOn()) {
      within(intervalMs)
      return false
    }
    const entries = rows.flatMap(([key, text]) =>
      readRow(key, text).filter((entry) => key !== row || entry.key > after),
    )
    const free = entries.filter(({ key }) => !underWay.has(key))
    const limits = { maxEvents, maxBytes: MAX_CHARACTERS }
    const batch = splitBatch(free, ({ eventJson }) => eventJson.length, limits)[0] ?? []
    const last = batch.at(-1) ?? entries.at(-1)
    const progress = batch[0] ? await deliver(batch) : 'all'
    if (last && passes(progress, batch.length)) ({ row, key: after } = last)
    if (progress === 'none' || progress === 'split') return progress === 'split'
    // What comes in meanwhile waits for the next walk.
    const isEnd = !last || (!rows[ROWS - 1] && batch.length === free.length)
    return isEnd ? finish(last?.key) : true
  }

  /** Decides how many events the next request has, and whether the walk goes on behind those of the last. */
  function passes(progress: Progress, size: number): boolean {
    // While nothing comes through, one event is tried at a time: it costs little, and finds the one that is to blame.
    // Behind it requests grow step by step, so that what is to blame is found in a few tries among any number.
    const grown = Math.min(maxEvents * 2, MAX_EVENTS)
    maxEvents = progress === 'split' ? size >> 1 : progress === 'none' ? 1 : grown
    return maxEvents === grown || size === 1
  }

  /**
   * The end of the queue. What had no verdict is tried again later; what comes new before that goes first. True when the
   * walk begins anew.
   *
   * @param lastKey Of the last event that was read. Without one, nothing comes after it.
   */
  async function finish(lastKey: string | undefined): Promise<boolean> {
    let lost: string[] = []
    if (returnAt === NEVER) {
      returns = behind.size && returns + 1
      returnAt = returns && afterBackoff(returns)
      // Not in the queue any more: it was emptied under us, or another tab's word is late; then they are duplicates.
      // They are sent in this turn: another tab that sends them leaves this one without a word again.
      lost = parts.unended().flatMap(({ key, row }) => {
        if (!row || underWay.has(key) || behind.has(key)) return []
        within(intervalMs)
        return key >= (lastKey as string) ? [] : row
      })
      if (lost[0]) {
        row = after = ''
        // A row may be there after all: it is written again as a whole.
        await queue.restore(() => parts.unended().filter(({ row }) => lost.includes(row)))
      }
    }
    // Also at the end of a walk that has taken the place of the return: there is one timer.
    if (returnAt) within(returnAt - elapsed())
    return !!lost[0]
  }

  /** Sends a batch and settles what the answer settles. The request has started when this returns. Never rejects. */
  async function deliver(batch: readonly Entry[], isHiding?: boolean): Promise<Progress> {
    const sentAt = isoTime(platform.now())
    const body = composeBody({ sentAt, ...parts.preamble() }, batch)
    const bytes = byteLength(body)
    const keepalive = isHiding || keepaliveBytes + bytes <= KEEPALIVE_BYTES
    const counted = keepalive ? bytes : 0
    keepaliveBytes += counted
    for (const { key } of batch) underWay.set(key, keepalive)
    parts.onSent(batch)
    const answer = await platform.post(url, body, keepalive, platform.credentials)
    keepaliveBytes -= counted
    const meaning = classifyAnswer(answer, platform.now())
    const { afterMs = 0 } = meaning as { afterMs?: number }
    pausedUntil = Math.max(pausedUntil, elapsed() + afterMs)
    const { settled, progress } = decide(batch, meaning)
    parts.onAnswer(settled)
    const ended = new Set(settled.map(({ key }) => key))
    for (const { key } of batch) {
      if (ended.has(key)) continue
      underWay.delete(key)
      if (progress !== 'split') behind.add(key)
    }
    // What a disk refuses to remove stays under way, so that it is not sent again and again.
    await queue.remove(ended, batch).then(
      () => {
        for (const key of ended) underWay.delete(key)
      },
      () => {},
    )
    if (progress !== 'none') {
      failures = notBefore = 0
      return progress
    }
    notBefore = afterBackoff(++failures)
    within(0)
    await parts.onFailure(answer.status)
    return 'none'
  }

  /** The newest of this page's events that no request takes beyond its end, oldest first; none while the collector wants none. */
  function held(): Entry[] {
    // Without room, and beyond the first event that has none, nothing is measured.
    let bytes = isPaused() ? NEVER : keepaliveBytes
    const newest = parts.unended().reverse()
    const batch = newest.filter(({ key, eventJson }) => {
      if (underWay.get(key) || bytes > MAX_KEEPALIVE_BYTES) return false
      bytes += byteLength(eventJson) + 1
      return bytes <= MAX_KEEPALIVE_BYTES
    })
    return batch.reverse()
  }

  return {
    added: () => within(++added >= batchSize ? SOON_MS : intervalMs),
    flush() {
      returnAt = 0
      return running ? running.then(run) : run()
    },
    hide() {
      turns.giveUp()
      const batch = held()
      if (batch[0]) void deliver(batch, true).then(() => within(intervalMs))
    },
    lastRequest(send) {
      const batch = held()
      return batch[0] && send(url, composeBody(parts.preamble(), batch))
    },
    wake() {
      failures = returnAt = notBefore = 0
      within(0)
    },
    stop() {
      pausedUntil = NEVER
    },
  }
}
