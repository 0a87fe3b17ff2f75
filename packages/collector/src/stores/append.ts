import type { PreviousStream, SourceTotals } from '@tributary/protocol'
import { type ClockPrint, NO_CLOCK, packClocks } from '../core/packed-clocks.ts'
import { NO_STREAM, type Print, packPrints, unpackPrints } from '../core/packed-prints.ts'
import type { Clocks } from './clocks.ts'
import type { Dedupe } from './dedupe.ts'

/** One record to keep. */
export interface JournalItem {
  /** Its NDJSON line, without the line break. */
  line: string
  fingerprint: Pick<Print, 'id' | 'content' | 'bucket'>
  /** For a refused record: why. */
  quarantineCode?: string
  /** Of an event: its type. */
  type?: string
  /** From `context.delivery`, where the client counts its events. */
  delivery?: { stream: string; seq: number }
  /** Of an event: what tells its time. */
  clock?: ClockPrint
}

/** One request's records for one shard, packed: as objects they would cost more to hand over than to store. */
export interface AppendRequest {
  /** The shard's number, for the journal's name. */
  shard: number
  source: string
  /** Milliseconds since 1970. */
  receivedAt: number
  /** 1 in one of the calls that a request to the Worker makes, 0 in the others. */
  requests: number
  /** NDJSON, each line ended: events, then refused records. */
  events: ArrayBuffer
  quarantine: ArrayBuffer
  /** One for each event, then one for each refused record. */
  prints: ArrayBuffer
  /** One for each event. */
  clocks: ArrayBuffer
  /** Why each of the refused was. */
  quarantineCodes: string[]
  /** Type of each event; absent from a Worker of an older version, which may live on for a while beside a new journal. */
  types?: string[]
  /** What the prints' `stream` counts in. */
  streams: string[]
  /** Streams of which the client says that they have ended. */
  endedStreams: readonly PreviousStream[]
}

/** What a request says of all its records. */
export type AppendFacts = Pick<AppendRequest, 'shard' | 'source' | 'receivedAt' | 'requests'> &
  Partial<Pick<AppendRequest, 'endedStreams'>>

/** What became of one item. `conflict`: its id is stored with other content, and this was not kept. */
export const APPEND_OUTCOMES = ['accepted', 'duplicate', 'conflict'] as const
export type AppendOutcome = (typeof APPEND_OUTCOMES)[number]

/** Indexes into {@link APPEND_OUTCOMES} in the order of the prints, or `backlog_full` with nothing kept. */
export type AppendAnswer =
  | { ok: true; outcomes: Uint8Array }
  | { ok: false; reason: 'backlog_full' }

/** Packs items for one call. Their answer's outcomes are in the order of the items if no refused one stands before an event. */
export function packRequest(facts: AppendFacts, items: readonly JournalItem[]): AppendRequest {
  const events = items.filter(({ quarantineCode }) => quarantineCode === undefined)
  const refused = items.filter(({ quarantineCode }) => quarantineCode !== undefined)
  const streams: string[] = []
  const prints = [...events, ...refused].map(({ fingerprint, delivery }): Print => {
    if (!delivery) return { ...fingerprint, stream: NO_STREAM, seq: 0 }
    let stream = streams.lastIndexOf(delivery.stream)
    if (stream < 0) stream = streams.push(delivery.stream) - 1
    return { ...fingerprint, stream, seq: delivery.seq }
  })
  return {
    endedStreams: [],
    ...facts,
    events: toNdjson(events),
    quarantine: toNdjson(refused),
    prints: packPrints(prints),
    clocks: packClocks(events.map(({ clock }) => clock ?? NO_CLOCK)),
    types: events.map(({ type }) => type ?? ''),
    quarantineCodes: refused.map(({ quarantineCode }) => quarantineCode as string),
    streams,
  }
}

function toNdjson(items: readonly JournalItem[]): ArrayBuffer {
  if (items.length === 0) return new ArrayBuffer(0)
  const text = items.map((item) => `${item.line}\n`).join('')
  return new TextEncoder().encode(text).buffer as ArrayBuffer
}

/** What is new in a request, and what became of everything in it. */
export interface Picked {
  outcomes: Uint8Array
  prints: Print[]
  events: Uint8Array
  quarantine: Uint8Array
  quarantineCodes: string[]
  /** New events by type. */
  types: Record<string, number>
}

const ACCEPTED = APPEND_OUTCOMES.indexOf('accepted')
const DUPLICATE = APPEND_OUTCOMES.indexOf('duplicate')
const CONFLICT = APPEND_OUTCOMES.indexOf('conflict')

/**
 * Picks what is new, also where one id stands twice in the same call, and corrects the times of that. What is new is
 * remembered as on its way.
 */
export function pickNew(request: AppendRequest, dedupe: Dedupe, clocks: Clocks): Picked {
  const all = unpackPrints(request.prints)
  const outcomes = new Uint8Array(all.length)
  const prints: Print[] = []
  for (const [index, print] of all.entries()) {
    const known = dedupe.recognise(print)
    outcomes[index] = known === 'new' ? ACCEPTED : known === 'duplicate' ? DUPLICATE : CONFLICT
    if (known !== 'new') continue
    prints.push(print)
    dedupe.expect(print)
  }
  const events = new Uint8Array(request.events)
  const quarantine = new Uint8Array(request.quarantine)
  const { quarantineCodes } = request
  const isNew = (index: number) => outcomes[index] === ACCEPTED
  const types = countTypes(request.types ?? [], isNew)
  if (prints.length === all.length) {
    const timed = clocks.retime(request, events, isNew)
    return { outcomes, prints, events: timed, quarantine, quarantineCodes, types }
  }
  const eventCount = all.length - quarantineCodes.length
  return {
    outcomes,
    prints,
    events: clocks.retime(request, keepLines(events, isNew), isNew),
    quarantine: keepLines(quarantine, (line) => isNew(eventCount + line)),
    quarantineCodes: quarantineCodes.filter((_, line) => isNew(eventCount + line)),
    types,
  }
}

function countTypes(
  types: readonly string[],
  isNew: (index: number) => boolean,
): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const [index, type] of types.entries()) {
    if (isNew(index) && type !== '') counts[type] = (counts[type] ?? 0) + 1
  }
  return counts
}

const LINE_BREAK = 0x0a

/** The lines of an NDJSON block, each with its break (JSON escapes those within). */
export function linesOf(block: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = []
  for (let from = 0; from < block.length; ) {
    const to = block.indexOf(LINE_BREAK, from) + 1
    lines.push(block.subarray(from, to))
    from = to
  }
  return lines
}

function keepLines(block: Uint8Array, isKept: (line: number) => boolean): Uint8Array {
  return concat(linesOf(block).filter((_, index) => isKept(index)))
}

/** One block of several; the very same where there is only one. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts
  if (first && parts.length === 1) return first
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Counts what was picked, in place. */
export function countPicked(
  { outcomes, prints, quarantineCodes }: Picked,
  totals: SourceTotals,
): void {
  totals.accepted += prints.length - quarantineCodes.length
  for (const outcome of outcomes) if (outcome === DUPLICATE) totals.duplicates += 1
  for (const code of quarantineCodes) {
    totals.quarantined[code] = (totals.quarantined[code] ?? 0) + 1
  }
}
