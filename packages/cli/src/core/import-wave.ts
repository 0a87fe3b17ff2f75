import type { JsonObject, Refusal, Verdict } from '@tributary/protocol'
import { mapRow } from './map-row.ts'
import type { ReadyMapping } from './mapping.ts'
import { withMessageId } from './message-id.ts'
import type { Row } from './row.ts'

/** A row, or an event of it, that is not stored, and why: one line of the file of refused rows. */
export interface RefusedRow {
  line: number
  code: string
  message: string
  /** Its values; where they could not be read, `text`. */
  record?: Record<string, unknown>
  text?: string
}

/** An event on its way, and the row it came from. */
export interface WaveEvent {
  messageId: string
  text: string
  /** Whose it is: events of one person keep their order. */
  person: string
  row: { line: number; values: Record<string, unknown> }
}

/** Some rows as events. */
export interface Wave {
  rows: number
  events: WaveEvent[]
  refused: RefusedRow[]
  /** Events with the content of an earlier one of the wave. */
  repeated: number
}

/** Counts of an import so far. */
export interface ImportCounts {
  rows: number
  /** Events that are stored now and were not before. */
  stored: number
  /** Events that were stored already, or stand in the file twice. */
  duplicates: number
  /** Rows, or events of rows, that were refused. */
  refused: number
}

/** @param hash SHA-256 of a text in hexadecimal digits. */
export function prepareWave(
  rows: readonly Row[],
  mappings: readonly ReadyMapping[],
  hash: (text: string) => string,
): Wave {
  const wave: Wave = { rows: rows.length, events: [], refused: [], repeated: 0 }
  const known = new Map<string, WaveEvent>()
  for (const row of rows) {
    if ('fault' in row) {
      wave.refused.push({ line: row.line, ...row.fault, text: row.text })
      continue
    }
    const events: JsonObject[] = []
    let fault: Refusal<string> | undefined
    for (const mapped of mapRow(row.values, mappings)) {
      if (mapped.ok) events.push(mapped.value)
      else fault ??= mapped.error
    }
    // All of a row or nothing: half of one would look as if the other half had not happened.
    if (fault) wave.refused.push({ line: row.line, ...fault, record: row.values })
    else for (const event of events) addEvent(wave, known, event, row, hash)
  }
  return wave
}

function addEvent(
  wave: Wave,
  known: Map<string, WaveEvent>,
  event: JsonObject,
  row: WaveEvent['row'],
  hash: (text: string) => string,
): void {
  const { messageId, text } = withMessageId(event, hash)
  const before = known.get(messageId)
  if (!before) {
    const person = String(event.anonymousId ?? event.userId)
    const made = { messageId, text, person, row }
    known.set(messageId, made)
    wave.events.push(made)
  } else if (before.text === text) wave.repeated++
  else {
    const message = `Line ${before.row.line} has another event with the messageId ${messageId}.`
    wave.refused.push({ line: row.line, code: 'id_conflict', message, record: row.values })
  }
}

/** What became of a wave, added to the counts; gives all of it that was refused. */
export function countWave(
  wave: Wave,
  verdicts: ReadonlyMap<string, Verdict>,
  counts: ImportCounts,
): RefusedRow[] {
  const refused = [...wave.refused]
  counts.rows += wave.rows
  counts.duplicates += wave.repeated
  for (const { messageId, row } of wave.events) {
    const { status, code = 'rejected', message = '' } = verdicts.get(messageId) as Verdict
    if (status === 'accepted') counts.stored++
    else if (status === 'duplicate') counts.duplicates++
    else refused.push({ line: row.line, code, message, record: row.values })
  }
  counts.refused += refused.length
  return refused.sort((a, b) => a.line - b.line)
}

/** Deals events to lanes that can be sent side by side: those of one person are in one lane, in their order. */
export function dealLanes(events: readonly WaveEvent[], count: number): WaveEvent[][] {
  const lanes: WaveEvent[][] = Array.from({ length: count }, () => [])
  for (const event of events) lanes[numberOf(event.person) % count]?.push(event)
  return lanes.filter((lane) => lane.length > 0)
}

/** Any number that is always the same for a text (FNV-1a). */
function numberOf(text: string): number {
  let number = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    number = Math.imul(number ^ text.charCodeAt(index), 0x01000193)
  }
  return number >>> 0
}
