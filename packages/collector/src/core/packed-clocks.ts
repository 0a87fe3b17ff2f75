import type { EventTimes } from './event-time.ts'

/** What the journal needs of an event to decide on its time with what it knows of the device. */
export interface ClockPrint {
  /** Hash of what stands for the device. */
  device: bigint
  times: EventTimes
  /** UTF-16 units at the end of the event's line that hold its time (`stored-line.ts`). */
  tailLength: number
}

/** Stands for an event that tells nothing of any clock. */
export const NO_CLOCK: ClockPrint = {
  device: 0n,
  times: { originalMs: undefined, sentMs: undefined, receivedAtMs: 0 },
  tailLength: 0,
}

/** 64-bit words an event: device, original and sent (NaN where there is none), tail with the flag in its highest bit. */
const WORDS = 4
const SENT_LATE = 0x80000000

/** The prints in order, 32 bytes each; the time of arrival, which they share, is not in them. */
export function packClocks(prints: readonly ClockPrint[]): ArrayBuffer {
  const buffer = new ArrayBuffer(prints.length * WORDS * 8)
  const long = new BigUint64Array(buffer)
  const float = new Float64Array(buffer)
  const short = new Uint32Array(buffer)
  for (const [index, { device, times, tailLength }] of prints.entries()) {
    const at = index * WORDS
    long[at] = device
    float[at + 1] = times.originalMs ?? Number.NaN
    float[at + 2] = times.sentMs ?? Number.NaN
    short[at * 2 + 6] = times.isSentLate ? tailLength | SENT_LATE : tailLength
  }
  return buffer
}

/** The reverse of {@link packClocks}. */
export function unpackClocks(buffer: ArrayBuffer, receivedAtMs: number): ClockPrint[] {
  const long = new BigUint64Array(buffer)
  const float = new Float64Array(buffer)
  const short = new Uint32Array(buffer)
  return Array.from({ length: long.length / WORDS }, (_, index) => {
    const at = index * WORDS
    const tail = short[at * 2 + 6] as number
    const times: EventTimes = {
      originalMs: numberOrNone(float[at + 1]),
      sentMs: numberOrNone(float[at + 2]),
      receivedAtMs,
      isSentLate: tail >= SENT_LATE,
    }
    return { device: long[at] as bigint, times, tailLength: tail & ~SENT_LATE }
  })
}

function numberOrNone(value: number | undefined): number | undefined {
  return value === undefined || Number.isNaN(value) ? undefined : value
}
