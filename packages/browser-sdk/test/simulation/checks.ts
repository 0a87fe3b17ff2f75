import type { Ending, Notice } from '../../src/core/ending.ts'
import type { Tab } from './tab.ts'
import type { Call, World } from './world.ts'

/** Longest that a request can take, and a moment. */
const REQUEST_MS = 15_100
/** Requests of the first steps of the backoff, until it waits for minutes. */
const FIRST_REQUESTS = 16
/** The backoff's longest step is five minutes, with full jitter. */
const MEAN_BACKOFF_MS = 150_000

/** Notes a request that is about to start, and checks that it may. */
export function checkSends(tab: Tab, body: string): void {
  const { world, outage } = tab
  const numbers = [...body.matchAll(/"number":(\d+)/g)].map(([, number]) => number)
  world.trace(`${tab.name} sends ${numbers}${tab.isHiding ? ', hiding' : ''}`)
  if (tab.isHiding) return
  const elapsed = world.loop.elapsed()
  if (elapsed + 1 < tab.pausedUntil) world.fail(`${tab.name} sends though it was asked to wait`)
  const lease = tab.storage.get(`tributary:sender:${world.scenario.options.writeKey}`) ?? ''
  const until = Number(lease.slice(tab.stream.length))
  const isValid = until >= world.now() && until <= world.now() + 30_000
  if (isValid && !lease.startsWith(tab.stream)) world.fail(`${tab.name} sends in another's turn`)
  outage.requests++
  if (numbers.length > 1) outage.large++
}

/** The network changes. In an outage, each tab may try now and then. */
export function countRequests(world: World): void {
  for (const tab of world.tabs) {
    tab.outage = { since: world.loop.elapsed(), requests: 0, large: 0, reasons: 1 }
  }
}

/** An outage, if it was one, is over: the requests that each tab has made must be few, and nearly all of one event. */
export function endOutage(world: World): void {
  if (world.network !== 'blocked' && world.network !== 'dead') return
  for (const { name, outage } of world.tabs) {
    const waits = (world.loop.elapsed() - outage.since) / MEAN_BACKOFF_MS
    const most = outage.reasons * FIRST_REQUESTS + 2 * waits
    if (outage.requests > most) world.fail(`${name} made ${outage.requests} requests in an outage`)
    if (outage.large > 2) world.fail(`${name} made ${outage.large} large requests in an outage`)
  }
}

/** The law of conservation, which holds at every moment. */
export function checkStats({ name, state, calls, tracker, world }: Tab): void {
  if (state === 'gone') return
  const { created, delivered, duplicate, rejected, dropped, pending } = tracker.stats()
  const sum = delivered + duplicate + rejected + dropped + pending
  const made = calls.filter(({ task }) => task !== undefined).length
  if (created !== sum || created !== made) {
    world.fail(`${name} has made ${made} events, created ${created}, and accounts for ${sum}`)
  }
}

/** An event of a living tab has ended: the collector must know of it. */
export function noteEnding(tab: Tab, call: Call, ending: Ending): void {
  if (tab.state === 'gone') return
  const { collector } = tab.world
  const { messageId = '' } = call
  const { outcome } = ending
  if (call.outcome) tab.world.fail(`${call.number} ends twice`)
  call.outcome = outcome
  const isStored = outcome === 'delivered' || outcome === 'duplicate'
  if (isStored && !collector.stored.has(messageId)) {
    tab.world.fail(`${call.number} counts as ${outcome}, and is not stored`)
  }
  if (outcome === 'rejected' && !collector.rejected.has(messageId)) {
    tab.world.fail(`${call.number} counts as rejected, and is not`)
  }
  if (outcome === 'dropped') checkDrop(tab, messageId, ending)
}

/** A tab tells of the end of any event, its own or another's. */
export function checkNotice(tab: Tab, notice: Notice): void {
  if (notice.outcome === 'dropped') checkDrop(tab, notice.messageId, notice)
}

/** An event may be dropped only for what the scenario does. */
function checkDrop({ world, name }: Tab, messageId: string, { reason }: Ending): void {
  const { collector, scenario } = world
  const { maxEventAgeMs = Number.POSITIVE_INFINITY, maxQueueBytes = Number.POSITIVE_INFINITY } =
    scenario.options
  const call = world.callsById.get(messageId)
  const isRight = {
    expired: world.now() - (call?.at ?? 0) > maxEventAgeMs,
    queue_full: world.recordedLength > maxQueueBytes,
    too_large: collector.tooLarge.has(messageId),
    refused: collector.refused.has(messageId),
  }
  if (!isRight[reason as keyof typeof isRight]) {
    world.fail(`${name} drops ${call?.number} without need: ${reason}`)
  }
  world.dropped.add(messageId)
}

/** Whether an event must be stored in the end. */
function isOwed({ tab, persisted, task, isDeleted }: Call): boolean {
  if (tab.lastTask === undefined) return true
  if (isDeleted) return false
  if (persisted && persisted !== 'memory') return true
  return task !== undefined && task < tab.lastTask && !tab.hasSpillFailed
}

/** Whether nothing has become of an event. */
export function isOpen(world: World, call: Call): boolean {
  const { stored, rejected, refused, tooLarge, ids } = world.collector
  const messageId = ids.get(call.number) ?? call.messageId ?? ''
  return ![stored, rejected, refused, tooLarge, world.dropped].some((ended) => ended.has(messageId))
}

/** Once faults have stopped and time has run on: everything that was recorded is stored, and nothing is left to do. */
export function checkRest(world: World): void {
  const { calls, tabs, loop, fail } = world
  // A call that waited has no id that we know before its page has ended: another tab may have dropped it under that.
  let unnamed = [...world.dropped].filter((id) => !world.callsById.has(id)).length
  for (const call of calls) {
    if (!isOwed(call) || !isOpen(world, call)) continue
    if (call.messageId || unnamed-- <= 0) fail(`${call.number} of ${call.tab.name} is lost`)
  }
  for (const tab of tabs) checkTab(tab)
  if (!loop.isIdle()) fail('there is no rest')
  // Without locks, and with a localStorage that refuses the lease, tabs cannot know of each other.
  const hasTurns = world.scenario.hasLocks || !tabs.some((tab) => tab.hasStorageFailed)
  const allowedMs = hasTurns ? world.overlapsAllowed * REQUEST_MS : Number.POSITIVE_INFINITY
  if (world.overlapMs > allowedMs) fail(`two tabs have sent at once for ${world.overlapMs} ms`)
}

function checkTab(tab: Tab): void {
  const { world, name, calls, lastTask } = tab
  const seqs = calls.flatMap(({ seq }) => seq ?? [])
  if (lastTask !== undefined) return
  const { pending } = tab.tracker.stats()
  if (pending > 0) world.fail(`${name} has ${pending} events pending`)
  if (seqs.some((seq, index) => seq !== index)) world.fail(`${name} has gaps: ${seqs}`)
}

/**
 * After one more visit, the queue is empty, and each page that has ended had its stream told of by one that came after
 * it.
 */
export function checkNextVisit({ tabs, collector, database, items, fail, scenario }: World): void {
  const spilled = [...items.keys()].filter((key) => key.includes('spill'))
  if (database.size() > 0 || spilled[0]) {
    fail(`${database.size()} rows and ${spilled.length} spilled ones are left`)
  }
  // The answer to a request from before the standard part was there may be taken for that to one that tells and fails.
  const isSure = scenario.standard !== 'late'
  for (const { name, stream, calls, state, isNoting, hasStorageFailed } of tabs) {
    const seqs = calls.flatMap(({ seq }) => seq ?? [])
    const last = Math.max(...seqs)
    const told = collector.told.get(stream) ?? -1
    if (told >= calls.length) fail(`${name} is told to have gone to ${told}`)
    const isOwed = seqs.length > 0 && state === 'gone' && isNoting && !hasStorageFailed && isSure
    if (isOwed && told < last) fail(`${name} went to ${last}, and ${told} was told`)
  }
}
