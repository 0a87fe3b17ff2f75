import { type JournalState, newState } from './journal-state.ts'

/** What one commit wrote for one source: one row, however many events (a row written is what costs; docs/adr/0004). */
export interface JournalRow {
  /** From 1, without reuse. */
  seq: number
  source: string
  /** Arrival of its first and last request, milliseconds since 1970, of one UTC date. */
  firstReceivedAt: number
  lastReceivedAt: number
  /** Accepted events as NDJSON, each line ended; empty if there are none. */
  events: ArrayBuffer
  /** Quarantine records in the same form. */
  quarantine: ArrayBuffer
  /** One an event and refused record, see `packPrints`. */
  prints: ArrayBuffer
  /** JSON of two lists: the names of the streams that the prints count in, and those that are said to have ended. */
  streams: string
  /** JSON of a `Tally`: these records, and what was counted since the row before. */
  tally: string
}

/** A row without its records. */
export interface RowSummary extends Omit<JournalRow, 'events' | 'quarantine'> {
  /** Size of its records, prints and streams. */
  bytes: number
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS appended (
    seq INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    firstReceivedAt INTEGER NOT NULL,
    lastReceivedAt INTEGER NOT NULL,
    events BLOB NOT NULL,
    quarantine BLOB NOT NULL,
    prints BLOB NOT NULL,
    streams TEXT NOT NULL,
    tally TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS fingerprints (
    bucket INTEGER NOT NULL,
    part INTEGER NOT NULL,
    packed BLOB NOT NULL,
    PRIMARY KEY (bucket, part)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS streamCounts (
    bucket INTEGER NOT NULL,
    part INTEGER NOT NULL,
    packed BLOB NOT NULL,
    PRIMARY KEY (bucket, part)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS clocks (
    bucket INTEGER NOT NULL,
    part INTEGER NOT NULL,
    packed BLOB NOT NULL,
    PRIMARY KEY (bucket, part)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS state (
    id INTEGER PRIMARY KEY CHECK (id = 0),
    json TEXT NOT NULL
  );`

/** Tables of packed entries in buckets, each in parts. */
type PackedTable = 'fingerprints' | 'streamCounts' | 'clocks'

/**
 * Every statement of a journal, written out once.
 *
 * @param countWritten Told the rows that each statement wrote, as they are billed.
 */
export function journalStatements(sql: SqlStorage, countWritten: (rows: number) => void) {
  sql.exec(SCHEMA)
  takeOver(sql)

  function write(query: string, ...bindings: SqlStorageValue[]): void {
    countWritten(sql.exec(query, ...bindings).rowsWritten)
  }

  return {
    insertRow(row: JournalRow): void {
      write(
        'INSERT INTO appended VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
        row.seq,
        row.source,
        row.firstReceivedAt,
        row.lastReceivedAt,
        row.events,
        row.quarantine,
        row.prints,
        row.streams,
        row.tally,
      )
    },
    /** Rows of the range, in order. A cursor: read it before anything is awaited. */
    rowsBetween(from: number, to: number): Iterable<JournalRow> {
      return sql.exec<JournalRow & Record<string, SqlStorageValue>>(
        'SELECT * FROM appended WHERE seq BETWEEN ? AND ? ORDER BY seq',
        from,
        to,
      )
    },
    /** Every row, the last first. A cursor, as above. */
    rowsBackwards(): Iterable<JournalRow> {
      return sql.exec<JournalRow & Record<string, SqlStorageValue>>(
        'SELECT * FROM appended ORDER BY seq DESC',
      )
    },
    /** Every row without its records, in order. A cursor, as above. */
    summaries(): Iterable<RowSummary> {
      return sql.exec<RowSummary & Record<string, SqlStorageValue>>(
        `SELECT seq, source, firstReceivedAt, lastReceivedAt, prints, streams, tally,
                length(events) + length(quarantine) + length(prints)
                  + length(CAST(streams AS BLOB)) AS bytes
         FROM appended ORDER BY seq`,
      )
    },
    /** Puts other records in place of a row's. */
    updateRecords({
      seq,
      events,
      quarantine,
    }: Pick<JournalRow, 'seq' | 'events' | 'quarantine'>): void {
      write('UPDATE appended SET events = ?, quarantine = ? WHERE seq = ?', events, quarantine, seq)
    },
    deleteRow(seq: number): void {
      write('DELETE FROM appended WHERE seq = ?', seq)
    },
    ...packedStatements(sql, write),
    readState(): JournalState | undefined {
      const [row] = sql.exec<{ json: string }>('SELECT json FROM state').toArray()
      return row && { ...newState(''), ...(JSON.parse(row.json) as Partial<JournalState>) }
    },
    writeState(state: JournalState): void {
      write(
        'INSERT INTO state VALUES (0, ?) ON CONFLICT (id) DO UPDATE SET json = excluded.json',
        JSON.stringify(state),
      )
    },
  }
}

/** The statements of the packed tables. */
function packedStatements(
  sql: SqlStorage,
  write: (query: string, ...bindings: SqlStorageValue[]) => void,
) {
  return {
    packedParts(table: PackedTable, bucket: number): BigUint64Array[] {
      return sql
        .exec<{ packed: ArrayBuffer }>(
          `SELECT packed FROM ${table} WHERE bucket = ? ORDER BY part`,
          bucket,
        )
        .toArray()
        .map((row) => new BigUint64Array(row.packed))
    },
    /** Writes the parts of a bucket that have changed. */
    putPackedParts(
      table: PackedTable,
      bucket: number,
      before: readonly BigUint64Array[],
      after: readonly BigUint64Array[],
    ): void {
      for (const [part, packed] of after.entries()) {
        if (packed === before[part]) continue
        write(
          `INSERT INTO ${table} VALUES (?, ?, ?)
           ON CONFLICT (bucket, part) DO UPDATE SET packed = excluded.packed`,
          bucket,
          part,
          packed.buffer as ArrayBuffer,
        )
      }
    },
  }
}

/** The statements of one journal. */
export type JournalStatements = ReturnType<typeof journalStatements>

/** Takes over the rows of the first layout, which knew one arrival a row and other fingerprints. */
function takeOver(sql: SqlStorage): void {
  const [old] = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'journal'").toArray()
  if (!old) return
  sql.exec(`
    INSERT INTO appended
      SELECT seq, source, receivedAt, receivedAt, events, quarantine, x'', '[[],[]]', tally FROM journal;
    DROP TABLE journal;`)
}
