import { between, overMagnitudes, waiting } from '../random.mjs'
import { LIFE_MS } from './scenarios.mjs'

const SESSIONS = 8
const EVENTS_PER_REQUEST = 5
const START_MS = Date.parse('2026-01-01T00:00:00Z')

/**
 * The events of one device in the order in which they happened, and its requests in the order in which they arrive.
 *
 * @returns {{ events: { trueMs: number, originalMs: number }[],
 *   requests: { sentMs?: number, receivedAtMs: number, isSentLate: boolean, events: number[] }[] }}
 *   `events` of a request are places in the list of all.
 */
export function simulateDevice(scenario, random) {
  const birthMs = START_MS + Math.floor(between(random, 0, LIFE_MS))
  const clock = scenario.clock(random)
  const precisionMs = scenario.precisionMs ?? 1
  const clientTime = (trueMs) => Math.floor(clock(trueMs, birthMs) / precisionMs) * precisionMs

  const events = []
  const requests = []
  for (const startMs of sessionStarts(birthMs, random)) {
    const session = sessionEvents(startMs, random).map((trueMs) => ({
      trueMs,
      originalMs: clientTime(trueMs),
    }))
    const isLate = random() < (scenario.late ?? 0)
    for (let first = 0; first < session.length; first += EVENTS_PER_REQUEST) {
      const batch = session.slice(first, first + EVENTS_PER_REQUEST)
      const closedMs = batch.at(-1).trueMs + between(random, 10, 10_000)
      requests.push({
        ...delivery(scenario, closedMs, isLate, clientTime, random),
        isSentLate: scenario.isSentLate ?? false,
        events: batch.map((_, index) => events.length + first + index),
      })
    }
    events.push(...session)
  }
  requests.sort((a, b) => a.receivedAtMs - b.receivedAtMs)
  return { events, requests }
}

/** One in each of equal parts of the life, so that none runs into the next. */
function sessionStarts(birthMs, random) {
  const partMs = LIFE_MS / SESSIONS
  return Array.from({ length: SESSIONS }, (_, part) => birthMs + (part + random() * 0.9) * partMs)
}

function sessionEvents(startMs, random) {
  let trueMs = startMs
  return Array.from({ length: 5 + Math.floor(random() * 11) }, () => {
    trueMs += waiting(random, 15_000)
    return Math.round(trueMs)
  })
}

/** When a batch that was ready at some moment arrives, and which `sentAt` it carries. */
function delivery(scenario, readyMs, isLate, clientTime, random) {
  const HOUR = 3_600_000
  let leftMs = readyMs
  if (isLate) leftMs += overMagnitudes(random, HOUR / 4, 48 * HOUR)
  if (random() < (scenario.failing ?? 0)) leftMs += overMagnitudes(random, HOUR / 360, 6 * HOUR)
  if (scenario.imported) leftMs += between(random, 30, 3000) * 24 * HOUR
  const receivedAtMs = Math.round(leftMs + scenario.transit(random))
  if (scenario.imported) return { receivedAtMs }
  const isOld = isLate || scenario.stale
  return { receivedAtMs, sentMs: clientTime(Math.round(isOld ? readyMs : leftMs)) }
}
