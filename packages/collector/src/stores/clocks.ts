import {
  CLOCK_MEMORY_NUMBERS,
  type ClockMemory,
  observe,
  packMemory,
  unpackMemory,
} from '../core/clock.ts'
import { decideTime, observationOf, type TimeDecision } from '../core/event-time.ts'
import { type ClockPrint, unpackClocks } from '../core/packed-clocks.ts'
import { withTimeInLine } from '../core/stored-line.ts'
import { MAX_CLOCKS } from '../limits.ts'
import { type AppendRequest, concat, linesOf } from './append.ts'
import type { JournalStatements } from './journal-sql.ts'

/** Words of a packed memory: the device, and its numbers. */
const WORDS = CLOCK_MEMORY_NUMBERS + 1

/** What a journal knows of the clocks of the devices that it last heard from; kept by its drains. */
export class Clocks {
  /** The device last heard from is the last (a Map iterates in order of insertion). */
  readonly #memories = new Map<bigint, ClockMemory>()
  readonly #statements: JournalStatements
  #hasChanged = false

  constructor(statements: JournalStatements) {
    this.#statements = statements
    for (const packed of statements.packedParts('clocks', 0)) {
      const numbers = new Float64Array(packed.buffer)
      for (let at = 0; at < packed.length; at += WORDS) {
        this.#memories.set(packed[at] as bigint, unpackMemory(numbers, at + 1))
      }
    }
  }

  /**
   * Learns from the events of a request, and decides again on their times.
   *
   * @param isNew Whether an event of the request, by its place, is about to be stored: a repeat teaches nothing.
   * @returns The new events' lines, changed where the time that the Worker found was not the best.
   */
  retime(request: AppendRequest, block: Uint8Array, isNew: (event: number) => boolean): Uint8Array {
    const prints = unpackClocks(request.clocks, request.receivedAt).filter((_, at) => isNew(at))
    const changes = new Map<number, { print: ClockPrint; decision: TimeDecision }>()
    for (const [line, print] of prints.entries()) {
      const decision = this.#decide(print)
      if (decision) changes.set(line, { print, decision })
    }
    if (changes.size === 0) return block
    const lines = linesOf(block).map((bytes, line) => {
      const change = changes.get(line)
      if (!change) return bytes
      const { print, decision } = change
      const text = new TextDecoder().decode(bytes.subarray(0, -1))
      return new TextEncoder().encode(`${withTimeInLine(text, print.tailLength, decision)}\n`)
    })
    return concat(lines)
  }

  /** The decision on an event's time, if it is another than one without memory would be. */
  #decide({ device, times }: ClockPrint): TimeDecision | undefined {
    const observation = observationOf(times)
    if (!observation) return undefined
    const before = this.#memories.get(device)
    const memory = observe(before, observation)
    if (memory !== before) this.#remember(device, memory)
    const alone = decideTime(times)
    const known = decideTime(times, memory)
    const isSame =
      known.timestampMs === alone.timestampMs &&
      known.method === alone.method &&
      known.confidence === alone.confidence
    return isSame ? undefined : known
  }

  #remember(device: bigint, memory: ClockMemory): void {
    this.#hasChanged = true
    this.#memories.delete(device)
    this.#memories.set(device, memory)
    for (const [oldest] of this.#memories) {
      if (this.#memories.size <= MAX_CLOCKS) return
      this.#memories.delete(oldest)
    }
  }

  /** Writes what has changed, as one row. SQL only: part of the caller's commit. */
  store(): void {
    if (!this.#hasChanged) return
    this.#hasChanged = false
    const packed = new BigUint64Array(this.#memories.size * WORDS)
    const numbers = new Float64Array(packed.buffer)
    let at = 0
    for (const [device, memory] of this.#memories) {
      packed[at] = device
      packMemory(memory, numbers, at + 1)
      at += WORDS
    }
    this.#statements.putPackedParts('clocks', 0, [], [packed])
  }
}
