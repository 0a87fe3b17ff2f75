import { MAX_BATCH_EVENTS } from '@tributary/protocol'
import type { Ledger } from './core/ledger.ts'
import type { Courier } from './courier.ts'
import type { ResolvedOptions } from './options.ts'
import type { Platform } from './platform.ts'
import type { Queue } from './queue.ts'
import { createSchedule, type Schedule } from './schedule.ts'
import type { Turns } from './turns.ts'

/** Sends the queue until every event has a verdict. */
export interface Sender {
  /** An event has been added to the queue. */
  added(): void
  /** Sends the queue now, without regard to backoff, unless the collector has asked for a pause. Never rejects. */
  flush(): Promise<void>
  /** Sends what this page still holds in one request that outlives the page, started before this returns. */
  hide(): void
  /** The network or the person is back: backoff starts anew. */
  wake(): void
}

/** Where a walk over the queue has come to. */
interface Position {
  /** The last key that was tried. */
  after: string
  /** Most events in a request; less than `flushAt` once one was too large. */
  maxEvents: number
  /** True when an event has had no verdict. */
  leftBehind: boolean
}

/** What a sender works with. */
interface SenderParts {
  options: ResolvedOptions
  platform: Platform
  queue: Queue
  ledger: Ledger
  courier: Courier
  turns: Turns
}

/** The one loop that sends, and the one place that decides to try again. */
export function createSender(parts: SenderParts): Sender {
  const { options, platform, queue, ledger, courier, turns } = parts
  const { flushAt, flushIntervalMs } = options
  const schedule = createSchedule(platform, () => void run())
  let waiting = 0
  let running: Promise<void> | undefined
  let runAgain = false
  let hides = 0

  /** Walks over the queue, and once more if it is being walked over already. */
  function run(): Promise<void> {
    waiting = 0
    runAgain = running !== undefined
    running ??= turns
      .take(walk)
      .then(
        (taken) => taken || schedule.within(flushIntervalMs),
        () => schedule.backOff(0),
      )
      .then(() => {
        running = undefined
        return runAgain ? run() : undefined
      })
    return running
  }

  /** Sends the queue from its oldest event to its end; what stays behind gets the next walk. */
  async function walk(): Promise<void> {
    const hidesBefore = hides
    const position: Position = { after: '', maxEvents: flushAt, leftBehind: false }
    while (hides === hidesBefore && !schedule.isPaused()) if (!(await step(position))) return
    schedule.within(flushIntervalMs)
  }

  /** Sends the next batch of a walk. False when the walk is over: at the end of the queue, or for now. */
  async function step(position: Position): Promise<boolean> {
    const entries = await queue.oldest(position.after, position.maxEvents)
    const last = entries.at(-1)
    if (!last) return finish(parts, schedule, position)
    const batch = courier.firstBatch(entries, position.maxEvents, false)
    const progress = await deliver(batch, false)
    if (progress === 'split') position.maxEvents = Math.ceil(batch.length / 2)
    else position.after = (batch.at(-1) ?? last).key
    position.leftBehind ||= progress === 'some'
    return progress !== 'none'
  }

  async function deliver(...args: Parameters<Courier['deliver']>): Promise<string> {
    const { progress, waitMs } = await courier.deliver(...args)
    if (progress === 'none') schedule.backOff(waitMs)
    return progress
  }

  return {
    added: () => schedule.within(++waiting >= flushAt ? 0 : flushIntervalMs),
    flush: () => queue.settled().then(run),
    hide() {
      hides++
      turns.giveUp()
      const batch = courier.firstBatch(ledger.held(), MAX_BATCH_EVENTS, true)
      if (!schedule.isPaused())
        void deliver(batch, true).then(() => schedule.within(flushIntervalMs))
    },
    wake() {
      schedule.forgive()
      schedule.within(0)
    },
  }
}

/** The end of the queue: what was left behind is tried again later, and our accounts are compared with the queue. */
async function finish(
  { queue, ledger, courier }: SenderParts,
  schedule: Schedule,
  { leftBehind }: Position,
): Promise<false> {
  schedule.forgive()
  if (leftBehind) schedule.backOff(0)
  // An event that is neither here nor in the queue was delivered by another tab whose word did not reach us.
  for (const key of await queue.gone(ledger.pendingKeys())) {
    if (!courier.isUnderWay(key)) ledger.settle(key, 'delivered')
  }
  return false
}
