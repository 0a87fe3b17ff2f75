import { createHash, type Hash } from 'node:crypto'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readWhole, writeWhole } from './adapters/checkpoint.ts'
import { callApi } from './adapters/collector-api.ts'
import { listLake } from './adapters/lake-listing.ts'
import { createProgress } from './adapters/progress.ts'
import { usageError } from './cli-error.ts'
import type { Connection } from './connection.ts'
import { dayRange, daysOfKeys } from './core/days.ts'
import { type ExportShape, exportDay, extensionOf } from './export-day.ts'

/** What a folder of an export is to hold. */
export interface FolderOrder {
  /** The folder; made where it is not there. */
  out: string
  /** Of this source; all. */
  source: string | undefined
  shape: ExportShape
  /** First and last day of arrival, such as `2026-01-31`. */
  from?: string
  to?: string
}

/** A day's file. */
interface DayFile {
  /** Such as `2026-01-31`. */
  date: string
  file: string
  events: number
  bytes: number
}

/** What became of the days in the order's range, oldest first. */
export interface FolderResult {
  written: DayFile[]
  /** Their files, and what those had: the lake has nothing of these days any more. */
  removed: DayFile[]
  /** Dates of which the lake has nothing any more, and whose files stay: nobody asked for privacy in this lake. */
  kept: string[]
  /** How many days were there already, and are in the lake as they were. */
  unchanged: number
}

/** Kept in the folder: what of it is whole. */
interface ExportNote {
  /** What the files were asked for; a folder is of one shape. */
  of: string
  days: Record<string, NotedDay>
}

interface NotedDay {
  events: number
  bytes: number
  /** Hash of the keys and etags of the day's files in the lake, listed before they were read. */
  lake?: string
}

const NOTE = '.export.json'

/** Where the records of erasures are, among others that operators make (ADR 0030); retention leaves them. */
const CONTROL_RECORDS = 'events/source=$tributary/'

/**
 * Brings a folder up to date: writes the days that are new, and those whose files in the lake are not what they were, such as
 * after an erasure. A day of which the lake has nothing any more, by retention, goes where privacy was ever asked for: who was
 * erased may be in it. In any other lake it stays, so that a folder outlives a lake that was lost.
 *
 * @throws CliError when the folder is of another order, or the collector or the disk stands in the way; what is done is noted.
 */
export async function exportFolder(
  connection: Connection,
  { out, source, shape, ...range }: FolderOrder,
): Promise<FolderResult> {
  mkdirSync(out, { recursive: true })
  const note = openNote(out, JSON.stringify({ ...shape, source, endpoint: connection.endpoint }))
  const save = () => writeWhole(join(out, NOTE), JSON.stringify(note))
  const fileOf = (date: string) => join(out, `events-${date}${extensionOf(shape)}`)
  await callApi(connection, '/api/drain', { method: 'POST' })
  const lake = await readDays(connection, source, range)
  const result: FolderResult = { written: [], removed: [], kept: [], unchanged: 0 }

  const { from = '', to = '9999-12-31' } = range
  const noted = Object.keys(note.days).filter((date) => date >= from && date <= to)
  const gone = noted.filter((date) => !lake.has(date)).sort((a, b) => (a < b ? -1 : 1))
  if (gone.length > 0 && (await hasControlRecords(connection))) {
    for (const date of gone) {
      const { events = 0, bytes = 0 } = note.days[date] ?? {}
      rmSync(fileOf(date), { force: true })
      delete note.days[date]
      save()
      result.removed.push({ date, file: fileOf(date), events, bytes })
    }
  } else result.kept = gone

  const progress = createProgress()
  for (const [index, [date, hash]] of [...lake].entries()) {
    const file = fileOf(date)
    if (note.days[date]?.lake === hash && existsSync(file)) {
      result.unchanged += 1
      continue
    }
    progress.show(index / lake.size, date)
    const written = await exportDay(connection, dayRange(date), source, shape, file)
    note.days[date] = { ...written, lake: hash }
    save()
    result.written.push({ date, file, ...written })
  }
  progress.end()
  return result
}

/** The days that the lake has, oldest first, each with a hash of its files. */
async function readDays(
  connection: Connection,
  source: string | undefined,
  range: { from?: string; to?: string },
): Promise<Map<string, string>> {
  const hashes = new Map<string, Hash>()
  // Keys come in their order, so that the same files give the same hash.
  for await (const { key, etag } of listLake(connection, prefixOf(source))) {
    const [date] = daysOfKeys([key], { ...range, ...(source && { source }) })
    if (date === undefined) continue
    const hash = hashes.get(date) ?? createHash('sha256')
    hashes.set(date, hash.update(`${key} ${etag}\n`))
  }
  const days = [...hashes].map(([date, hash]) => [date, hash.digest('hex')] as const)
  return new Map(days.sort(([a], [b]) => (a < b ? -1 : 1)))
}

async function hasControlRecords(connection: Connection): Promise<boolean> {
  for await (const _ of listLake(connection, CONTROL_RECORDS)) return true
  return false
}

function prefixOf(source: string | undefined): string {
  return source === undefined ? 'events/' : `events/source=${source}/`
}

function openNote(out: string, of: string): ExportNote {
  const note = readWhole<ExportNote>(join(out, NOTE))
  if (note?.of === of) return note
  if (!note) {
    const empty = { of, days: {} }
    writeWhole(join(out, NOTE), JSON.stringify(empty))
    return empty
  }
  const message = `${out} has an export of another format, source or collector; take another folder.`
  throw usageError('other_export', message)
}
