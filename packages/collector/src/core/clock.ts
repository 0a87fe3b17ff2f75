/**
 * The clock of one device, learnt from its requests. Each shows one offset, `receivedAt − sentAt`: what the clock is
 * behind by, plus the transit. Transit is never negative, so the offset itself is never more than the least that was
 * seen, and what is above the least is transit, until several requests over some minutes agree on it: transit
 * varies, a clock that was set does not.
 *
 * All times are milliseconds since 1970.
 */
export interface ClockMemory {
  /** What to add to the device's time: the least offset since its clock was last set. */
  offsetMs: number
  /** Requests that agree on it, counted up to {@link STEADY_REQUESTS}; 0 where it is only assumed. */
  agreed: number
  /** Arrival of the last request that was counted. */
  lastAtMs: number
  /** A larger offset that came since, and may turn out to be that of a clock set back. */
  candidateMs: number
  candidateSinceMs: number
  /** Requests that agree on the candidate; 0 where there is none. */
  candidateAgreed: number
}

/** What one request shows of its device's clock. */
export interface ClockObservation {
  /** `receivedAt − sentAt`. */
  offsetMs: number
  /** `receivedAt`. */
  atMs: number
  /** Whether `sentAt` was written before the sending (`late-senders.ts`). */
  isSentLate?: boolean
}

/** Requests from which on an offset is no accident. */
export const STEADY_REQUESTS = 3

/** An offset up to this, seen once, is transit; one above it is a wrong clock, unless something speaks against it. */
export const TRANSIT_MS = 30_000

/** What synchronised clocks, and times in whole seconds (PHP's), differ by. */
export const CLOCK_NOISE_MS = 1000

/** Offsets as close as this agree. */
const AGREEMENT_MS = 10_000

/**
 * A larger offset is the clock's when a second request shows it too, at least this much later. Files and requests that
 * waited for the same network do not: they arrive together.
 */
const CANDIDATE_REQUESTS = 2
const CANDIDATE_SPAN_MS = 60_000

/** What the least offset may rise by, for each millisecond since the last request: quartz drifts up to some 10 s a day. */
const DRIFT = 10 / 86_400

/**
 * A clock known to be ahead by more than the first has been set right when a request shows no more than the second:
 * a transit that would just make up for it is the less likely.
 */
const AHEAD_MS = 60_000
const PROMPT_MS = 5000

/**
 * The memory after a request. Call it once for a request and device; more often (for each event of a batch) does no
 * harm, since what arrives in one millisecond is counted once. Returns the memory that it was given where there is
 * nothing to change.
 *
 * @param memory `undefined` for a device never met.
 */
export function observe(
  memory: ClockMemory | undefined,
  observation: ClockObservation,
): ClockMemory {
  const { offsetMs, atMs } = observation
  if (memory === undefined || (memory.agreed === 0 && offsetMs <= TRANSIT_MS)) {
    return firstSight(observation)
  }
  if (isClockOf(memory, offsetMs)) return settled(offsetMs, 1, atMs)
  if (offsetMs <= leastAt(memory, atMs) + AGREEMENT_MS) return confirmed(memory, offsetMs, atMs)
  return withCandidate(memory, offsetMs, atMs)
}

/**
 * What is to be added to the device's time, 0 where its clock is as good as right: a clock ahead is sure at once, one
 * a little behind only when it is always so.
 */
export function correctionOf({ offsetMs, agreed }: ClockMemory): number {
  if (offsetMs < -CLOCK_NOISE_MS || offsetMs > TRANSIT_MS) return offsetMs
  return offsetMs > CLOCK_NOISE_MS && agreed >= STEADY_REQUESTS ? offsetMs : 0
}

/** Of a file closed long ago a large offset tells nothing; the clock is then assumed to be right. */
function firstSight({ offsetMs, atMs, isSentLate }: ClockObservation): ClockMemory {
  if (!isSentLate || offsetMs <= TRANSIT_MS) return settled(offsetMs, 1, atMs)
  return {
    offsetMs: 0,
    agreed: 0,
    lastAtMs: atMs,
    candidateMs: offsetMs,
    candidateSinceMs: atMs,
    candidateAgreed: 1,
  }
}

/** Whether a request's offset is the clock's whatever was known: less than the least, or that of a clock set right. */
function isClockOf(memory: ClockMemory, offsetMs: number): boolean {
  if (offsetMs < memory.offsetMs - AGREEMENT_MS) return true
  return memory.offsetMs < -AHEAD_MS && offsetMs >= -CLOCK_NOISE_MS && offsetMs <= PROMPT_MS
}

function settled(offsetMs: number, agreed: number, atMs: number): ClockMemory {
  return {
    offsetMs,
    agreed,
    lastAtMs: atMs,
    candidateMs: 0,
    candidateSinceMs: 0,
    candidateAgreed: 0,
  }
}

function confirmed(memory: ClockMemory, offsetMs: number, atMs: number): ClockMemory {
  if (atMs === memory.lastAtMs && offsetMs >= memory.offsetMs) return memory
  const agreed = countOne(memory.agreed, atMs !== memory.lastAtMs)
  return settled(Math.min(offsetMs, leastAt(memory, atMs)), agreed, atMs)
}

/** The least offset as it may be by now, the clock having drifted; one that is right is being kept right. */
function leastAt({ offsetMs, lastAtMs }: ClockMemory, atMs: number): number {
  if (Math.abs(offsetMs) <= CLOCK_NOISE_MS) return offsetMs
  return offsetMs + Math.round(Math.max(0, atMs - lastAtMs) * DRIFT)
}

function withCandidate(memory: ClockMemory, offsetMs: number, atMs: number): ClockMemory {
  const { candidateAgreed, candidateMs, candidateSinceMs } = memory
  if (candidateAgreed === 0 || Math.abs(offsetMs - candidateMs) > AGREEMENT_MS) {
    const candidate = { candidateMs: offsetMs, candidateSinceMs: atMs, candidateAgreed: 1 }
    return { ...memory, ...candidate, lastAtMs: atMs }
  }
  if (atMs === memory.lastAtMs && offsetMs >= candidateMs) return memory
  const agreed = countOne(candidateAgreed, atMs !== memory.lastAtMs)
  const least = Math.min(offsetMs, candidateMs)
  if (agreed >= CANDIDATE_REQUESTS && atMs - candidateSinceMs >= CANDIDATE_SPAN_MS) {
    return settled(least, agreed, atMs)
  }
  return { ...memory, lastAtMs: atMs, candidateMs: least, candidateAgreed: agreed }
}

function countOne(count: number, isNew: boolean): number {
  return isNew ? Math.min(count + 1, STEADY_REQUESTS) : count
}

/** Numbers that a packed memory takes: 48 bytes, so that a row of 1.5 MB holds 26,000 with 8 bytes of key each. */
export const CLOCK_MEMORY_NUMBERS = 6

/** Writes a memory into six numbers from `index` on; exact, all of them being integers or times. */
export function packMemory(memory: ClockMemory, target: Float64Array, index: number): void {
  target[index] = memory.offsetMs
  target[index + 1] = memory.agreed
  target[index + 2] = memory.lastAtMs
  target[index + 3] = memory.candidateMs
  target[index + 4] = memory.candidateSinceMs
  target[index + 5] = memory.candidateAgreed
}

/** The reverse of {@link packMemory}. */
export function unpackMemory(source: Float64Array, index: number): ClockMemory {
  return {
    offsetMs: source[index] as number,
    agreed: source[index + 1] as number,
    lastAtMs: source[index + 2] as number,
    candidateMs: source[index + 3] as number,
    candidateSinceMs: source[index + 4] as number,
    candidateAgreed: source[index + 5] as number,
  }
}
