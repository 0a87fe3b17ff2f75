import type { TimeDecision } from './event-time.ts'
import type { StoredEvent } from './stored-event.ts'

/** An event as a line of the journal and the lake, without the line break. */
export interface StoredLine {
  line: string
  /** UTF-16 units at its end, from the comma before `"timestamp"` on. */
  tailLength: number
}

/**
 * Writes an event with its time last, and in the collector's notes the clock last: so the journal can put another time in
 * its place without reading the event, whose numbers may have more digits than reading would leave them.
 */
export function toLine({ timestamp, _tributary, ...rest }: StoredEvent): StoredLine {
  const { clock, ...notes } = _tributary ?? {}
  const tail = JSON.stringify({ timestamp, _tributary: { ...notes, clock } }).replace('{', ',')
  return { line: JSON.stringify(rest).slice(0, -1) + tail, tailLength: tail.length }
}

const CLOCK = '"clock":'

/** The line with another decision on its time. */
export function withTimeInLine(line: string, tailLength: number, decision: TimeDecision): string {
  const { timestampMs, ...clock } = decision
  const tail = line.slice(-tailLength)
  const afterTimestamp = tail.indexOf(',', 1)
  const notes = tail.slice(afterTimestamp, tail.lastIndexOf(CLOCK))
  const timestamp = new Date(timestampMs).toISOString()
  return `${line.slice(0, -tailLength)},"timestamp":"${timestamp}"${notes}${CLOCK}${JSON.stringify(clock)}}}`
}
