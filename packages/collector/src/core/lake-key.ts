/** The two kinds of records that are kept: what was accepted, and what was refused. */
export type RecordKind = 'events' | 'quarantine'

/** Where an object of the lake belongs, as its key tells. */
export interface LakeKey {
  kind: RecordKind
  source: string
  /** UTC date of arrival, `YYYY-MM-DD`. */
  date: string
  /** Name of the journal that wrote it. */
  journal: string
  /** First and last journal row in it. */
  from: number
  to: number
}

/** Digits of a row number in a key, so that keys sort as numbers do. */
const SEQ_DIGITS = 12

/**
 * The key of an object: the same rows always give the same key, so a repeated drain meets what it wrote before.
 * `source=` and `date=` are what DuckDB, Spark and others read as partition columns.
 */
export function lakeKey({ kind, source, date, journal, from, to }: LakeKey): string {
  const rows = [from, to].map((seq) => String(seq).padStart(SEQ_DIGITS, '0')).join('-')
  return `${dayFolder(kind, source, date)}${journal}-${rows}.ndjson.gz`
}

const KEY =
  /^(events|quarantine)\/source=([^/]+)\/date=(\d{4}-\d{2}-\d{2})\/([^/]+)-(\d{12})-(\d{12})\.ndjson\.gz$/

/** Reads a key back; `undefined` for an object that the drain did not write. */
export function parseLakeKey(key: string): LakeKey | undefined {
  const match = KEY.exec(key)
  if (!match) return undefined
  const [, kind, source, date, journal, from, to] = match as unknown as string[]
  return {
    kind: kind as RecordKind,
    source: source as string,
    date: date as string,
    journal: journal as string,
    from: Number(from),
    to: Number(to),
  }
}

/** The folder of one day of one source. */
export function dayFolder(kind: RecordKind | typeof ERASED, source: string, date: string): string {
  return `${kind}/source=${source}/date=${date}/`
}

/** The key of a day's manifest. Readers of files such as Spark leave names with `_` alone. */
export function manifestKey(source: string, date: string): string {
  return `${dayFolder('events', source, date)}_manifest.json`
}

/**
 * The key of a Parquet file.
 *
 * @param index Its place in the manifest, from 0.
 * @param digest Of the objects that it replaces and the manifest that it follows: equal ones give equal keys, others never do.
 */
export function partKey(source: string, date: string, index: number, digest: string): string {
  return `${dayFolder('events', source, date)}part-${String(index).padStart(5, '0')}-${digest}.parquet`
}

/** The folder of what is left of erased events. */
export const ERASED = 'erased'

/**
 * The key of what is left of erased events: their skeletons, by the shard of profiles that erased them and its numbers of the first
 * and the last.
 *
 * @param digest Of the skeletons: profiles that were built anew count anew.
 */
export function erasedKey(
  source: string,
  date: string,
  shard: number,
  from: number,
  to: number,
  digest: string,
): string {
  const numbers = [from, to].map((seq) => String(seq).padStart(SEQ_DIGITS, '0')).join('-')
  return `${dayFolder(ERASED, source, date)}${shard}-${numbers}-${digest}.ndjson.gz`
}
