import { createHash } from 'node:crypto'
import { appendFileSync, closeSync, existsSync, openSync, readSync, truncateSync } from 'node:fs'
import { readWhole, removeWhole, writeWhole } from './adapters/checkpoint.ts'
import { ingest } from './adapters/ingest.ts'
import { createProgress } from './adapters/progress.ts'
import { type RowFile, readRows } from './adapters/rows.ts'
import type { Connection } from './connection.ts'
import {
  countWave,
  dealLanes,
  type ImportCounts,
  prepareWave,
  type RefusedRow,
  type Wave,
} from './core/import-wave.ts'
import type { ReadyMapping } from './core/mapping.ts'
import type { Row } from './core/row.ts'
import { remark } from './output.ts'

/** What an import is told. */
export interface ImportOrder {
  file: RowFile
  mappings: readonly ReadyMapping[]
  /** The mapping as text: a place in the file is good only for the mapping with which it was reached. */
  mappingText: string
  connection: Connection
  patienceMs: number
  /** Begin again, whatever an earlier run has noted. */
  restart: boolean
}

/** What an import has done. */
export interface ImportResult extends ImportCounts {
  file: string
  /** Rows that an earlier run had done; 0 where there was none. */
  resumedAt: number
  /** Where refused rows are; `null` where there are none. */
  refusedFile: string | null
}

/** Kept beside the file until the import is over. */
interface State {
  /** Hash of all that the place depends on. */
  of: string
  counts: ImportCounts
  /** Length of the file of refused rows: what an interrupted run wrote after its last note is written again. */
  refusedBytes: number
}

/** Rows in memory at a time, twice: while some are sent, the next are read. */
const WAVE_ROWS = 4000

/** Requests at a time. */
const LANES = 4

/** Refused rows that are told one by one. */
const TOLD_ROWS = 10

/** The note that an interrupted import leaves beside its file. */
function stateFile(path: string): string {
  return `${path}.import.json`
}

function refusedFile(path: string): string {
  return `${path}.refused.ndjson`
}

/**
 * Sends the rows of a file as events, and goes on where an earlier run was cut off. An event's id is that of its content,
 * so nothing is counted twice, whatever is sent again.
 *
 * @throws CliError when the file cannot be read, or the collector takes nothing for as long as the patience lasts.
 */
export async function importFile(order: ImportOrder): Promise<ImportResult> {
  const { path, bytes } = order.file
  const of = identityOf(order)
  const kept = order.restart ? undefined : readWhole<State>(stateFile(path))
  const state: State =
    kept?.of === of
      ? kept
      : { of, counts: { rows: 0, stored: 0, duplicates: 0, refused: 0 }, refusedBytes: 0 }
  if (existsSync(refusedFile(path))) truncateSync(refusedFile(path), state.refusedBytes)
  const resumedAt = state.counts.rows
  const progress = createProgress()
  let readBytes = 0
  try {
    const rows = readRows(order.file, (count) => {
      readBytes += count
    })
    let sending: Promise<void> = Promise.resolve()
    for await (const chunk of inWaves(rows, resumedAt)) {
      const wave = prepareWave(chunk, order.mappings, sha256)
      await sending
      sending = sendWave(order, wave, state)
      // Awaited above and below; without this, one that fails while rows are read would end the process at once.
      sending.catch(() => undefined)
      progress.show(readBytes / bytes, progressText(state.counts))
    }
    await sending
  } finally {
    progress.end()
  }
  removeWhole(stateFile(path))
  const hasRefused = state.counts.refused > 0
  if (!hasRefused) removeWhole(refusedFile(path))
  return {
    file: path,
    ...state.counts,
    resumedAt,
    refusedFile: hasRefused ? refusedFile(path) : null,
  }
}

async function sendWave(order: ImportOrder, wave: Wave, state: State): Promise<void> {
  const lanes = dealLanes(wave.events, LANES)
  const answers = await Promise.all(
    lanes.map((lane) => ingest(order.connection, lane, order.patienceMs)),
  )
  const verdicts = new Map(answers.flatMap((answer) => [...answer]))
  const before = state.counts.refused
  const refused = countWave(wave, verdicts, state.counts)
  keepRefused(order.file.path, refused, before, state)
  writeWhole(stateFile(order.file.path), JSON.stringify(state))
}

function keepRefused(path: string, refused: RefusedRow[], before: number, state: State): void {
  if (refused.length === 0) return
  for (const [index, { line, code, message }] of refused.entries()) {
    if (before + index < TOLD_ROWS) remark(`${path}:${line}: ${code}: ${message}`)
    if (before + index === TOLD_ROWS)
      remark(`${path}: further refused rows are only in ${refusedFile(path)}`)
  }
  const text = refused.map((row) => `${JSON.stringify(row)}\n`).join('')
  appendFileSync(refusedFile(path), text)
  state.refusedBytes += Buffer.byteLength(text)
}

/** Rows in chunks of {@link WAVE_ROWS}, from a place on. */
async function* inWaves(rows: AsyncIterable<Row[]>, from: number): AsyncGenerator<Row[]> {
  let toSkip = from
  let wave: Row[] = []
  for await (const chunk of rows) {
    const skipped = Math.min(toSkip, chunk.length)
    toSkip -= skipped
    for (let at = skipped; at < chunk.length; ) {
      const room = WAVE_ROWS - wave.length
      wave.push(...chunk.slice(at, at + room))
      at += room
      if (wave.length < WAVE_ROWS) break
      yield wave
      wave = []
    }
  }
  if (wave.length > 0) yield wave
}

function progressText({ rows, stored, duplicates, refused }: ImportCounts): string {
  const [all, ...others] = [rows, stored, duplicates, refused].map((count) =>
    count.toLocaleString('en'),
  )
  return `${all} rows: ${others[0]} stored, ${others[1]} known, ${others[2]} refused`
}

const HEAD_BYTES = 64 * 1024

/** Changes with the file, the mapping and the collector; a place in one import is none in another. */
function identityOf({ file, mappingText, connection }: ImportOrder): string {
  const head = Buffer.alloc(Math.min(HEAD_BYTES, file.bytes))
  const descriptor = openSync(file.path, 'r')
  readSync(descriptor, head)
  closeSync(descriptor)
  const { format, encoding, delimiter, bytes } = file
  const { endpoint, writeKey } = connection
  const all = { format, encoding, delimiter, bytes, mappingText, endpoint, writeKey }
  return createHash('sha256').update(head).update(JSON.stringify(all)).digest('hex')
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
