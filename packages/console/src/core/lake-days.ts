/** A file of the lake as the API lists it. */
export interface LakeFile {
  key: string
  bytes: number
}

/** What the lake has of one source and day. */
export interface LakeDay {
  source: string
  date: string
  files: number
  bytes: number
  /** Files as the drain wrote them, and files of compaction. */
  ndjson: number
  parquet: number
  quarantine: number
  /** `open`: as drained. `compacted`: Parquet alone. `mixed`: Parquet, and what came or stays beside it. */
  state: 'open' | 'compacted' | 'mixed'
}

const DAY = /^(events|quarantine)\/source=([^/]+)\/date=(\d{4}-\d{2}-\d{2})\/(.+)$/

/** Sums of the files by day and source, the latest day first. Files of no day are left out. */
export function sumDays(files: readonly LakeFile[]): LakeDay[] {
  const days = new Map<string, LakeDay>()
  for (const { key, bytes } of files) {
    const [, kind, source = '', date = '', name = ''] = DAY.exec(key) ?? []
    if (kind === undefined) continue
    const id = `${date} ${source}`
    const day = days.get(id) ?? newDay(source, date)
    days.set(id, day)
    day.files += 1
    day.bytes += bytes
    if (kind === 'quarantine') day.quarantine += 1
    else if (name.endsWith('.parquet')) day.parquet += 1
    else if (name.endsWith('.gz')) day.ndjson += 1
  }
  for (const day of days.values()) day.state = stateOf(day)
  return [...days.values()].sort(
    (a, b) => b.date.localeCompare(a.date) || a.source.localeCompare(b.source),
  )
}

function newDay(source: string, date: string): LakeDay {
  const none = { files: 0, bytes: 0, ndjson: 0, parquet: 0, quarantine: 0 }
  return { source, date, ...none, state: 'open' }
}

function stateOf({ parquet, ndjson }: LakeDay): LakeDay['state'] {
  if (parquet === 0) return 'open'
  return ndjson === 0 ? 'compacted' : 'mixed'
}
