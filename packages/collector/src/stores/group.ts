import type { PreviousStream } from '@tributary/protocol'
import { NO_STREAM, PRINT_BYTES, type Print, packPrints } from '../core/packed-prints.ts'
import { addCounts } from '../core/series.ts'
import { MAX_ROW_BYTES } from '../limits.ts'
import { type AppendRequest, concat, countPicked, linesOf, type Picked } from './append.ts'
import type { JournalRow } from './journal-sql.ts'
import { emptyTally, type Tally, totalsOf } from './tally.ts'

/** A row to be. */
interface Draft {
  source: string
  /** UTC date of arrival: the lake is laid out by it, so a row holds one. */
  date: string
  firstReceivedAt: number
  lastReceivedAt: number
  events: Uint8Array[]
  quarantine: Uint8Array[]
  /** Of records, prints and names of streams, as they will lie in the row. */
  bytes: number
  prints: Print[]
  streams: string[]
  endedStreams: PreviousStream[]
}

/** A row without its number and its counts, which it gets when it is written. */
export type NewRow = Omit<JournalRow, 'seq' | 'tally'>

/**
 * Collects what several appends bring, so that one commit writes it all: a commit costs more than everything else that a
 * journal does, and a row written is what is billed. Rows are one for each source and date of arrival, more where one
 * would pass the platform's limit.
 */
export class Group {
  readonly #drafts: Draft[] = []
  /** Of everything that was added, repeats included. */
  readonly tally: Tally = emptyTally()
  /** When each of its requests arrived, milliseconds since 1970. */
  readonly arrivals: number[] = []

  add(request: AppendRequest, picked: Picked): void {
    countPicked(picked, totalsOf(this.tally, request.source))
    this.tally.types = addCounts(this.tally.types ?? {}, picked.types)
    this.arrivals.push(request.receivedAt)
    const { source, receivedAt, endedStreams } = request
    const date = new Date(receivedAt).toISOString().slice(0, 10)
    const { prints, streams } = withOwnStreams(picked.prints, request.streams)
    const noteBytes = prints.length * PRINT_BYTES + jsonBytes([streams, endedStreams])
    const bytes = noteBytes + picked.events.length + picked.quarantine.length
    let draft = this.#drafts.find(
      (other) =>
        other.source === source && other.date === date && other.bytes + bytes <= MAX_ROW_BYTES,
    )
    if (!draft) {
      draft = newDraft(source, date, receivedAt)
      this.#drafts.push(draft)
    }
    draft.firstReceivedAt = Math.min(draft.firstReceivedAt, receivedAt)
    draft.lastReceivedAt = Math.max(draft.lastReceivedAt, receivedAt)
    const known = draft.streams.length
    draft.streams.push(...streams)
    draft.endedStreams.push(...endedStreams)
    draft.bytes += noteBytes
    for (const print of prints) {
      draft.prints.push(
        print.stream === NO_STREAM ? print : { ...print, stream: print.stream + known },
      )
    }
    this.#addBlocks(draft, picked)
  }

  /** What one request brings may itself be too much for a row; the rest then begins others, without prints of their own. */
  #addBlocks(first: Draft, picked: Picked): void {
    let draft = first
    for (const kind of ['events', 'quarantine'] as const) {
      const block = picked[kind]
      const fits = draft.bytes + block.length <= MAX_ROW_BYTES
      for (const part of fits ? [block] : linesOf(block)) {
        if (draft.bytes > 0 && draft.bytes + part.length > MAX_ROW_BYTES) {
          draft = newDraft(draft.source, draft.date, draft.firstReceivedAt)
          this.#drafts.push(draft)
        }
        draft[kind].push(part)
        draft.bytes += part.length
      }
    }
  }

  rows(): NewRow[] {
    return this.#drafts.map(({ source, firstReceivedAt, lastReceivedAt, ...draft }) => ({
      source,
      firstReceivedAt,
      lastReceivedAt,
      events: toBuffer(draft.events),
      quarantine: toBuffer(draft.quarantine),
      prints: packPrints(draft.prints),
      streams: JSON.stringify([draft.streams, draft.endedStreams]),
    }))
  }
}

/** The streams that new events are of; those of repeats need no room. */
function withOwnStreams(
  prints: readonly Print[],
  streams: readonly string[],
): { prints: Print[]; streams: string[] } {
  const places = new Map<number, number>()
  for (const { stream } of prints) {
    if (stream !== NO_STREAM && !places.has(stream)) places.set(stream, places.size)
  }
  return {
    prints: prints.map((print) => ({ ...print, stream: places.get(print.stream) ?? NO_STREAM })),
    streams: [...places.keys()].map((place) => streams[place] as string),
  }
}

function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length
}

function newDraft(source: string, date: string, receivedAt: number): Draft {
  return {
    source,
    date,
    firstReceivedAt: receivedAt,
    lastReceivedAt: receivedAt,
    events: [],
    quarantine: [],
    bytes: 0,
    prints: [],
    streams: [],
    endedStreams: [],
  }
}

function toBuffer(parts: readonly Uint8Array[]): ArrayBuffer {
  const whole = concat(parts)
  const { buffer, byteOffset, byteLength } = whole
  const isAll = byteOffset === 0 && byteLength === buffer.byteLength
  return (isAll ? buffer : whole.slice().buffer) as ArrayBuffer
}
