import type { JournalState } from './journal-state.ts'

/** What was appended in one call: one row, however many events (a row written is what costs; docs/adr/0004). */
export interface JournalRow {
  /** From 1, without reuse. */
  seq: number
  source: string
  /** Milliseconds since 1970. */
  receivedAt: number
  /** Accepted events as NDJSON, each line ended; empty if there are none. */
  events: ArrayBuffer
  /** Quarantine records in the same form. */
  quarantine: ArrayBuffer
  /** One triple an event, see `packTriples`. */
  fingerprints: ArrayBuffer
  /** JSON of a `Tally`: these records, and what was counted since the row before. */
  tally: string
}

/** A row without its records. */
export interface RowSummary extends Omit<JournalRow, 'events' | 'quarantine'> {
  /** Size of its records. */
  bytes: number
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    receivedAt INTEGER NOT NULL,
    events BLOB NOT NULL,
    quarantine BLOB NOT NULL,
    fingerprints BLOB NOT NULL,
    tally TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS fingerprints (
    bucket INTEGER NOT NULL,
    part INTEGER NOT NULL,
    packed BLOB NOT NULL,
    PRIMARY KEY (bucket, part)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS state (
    id INTEGER PRIMARY KEY CHECK (id = 0),
    json TEXT NOT NULL
  );`

/**
 * Every statement of a journal, written out once.
 *
 * @param countWritten Told the rows that each statement wrote, as they are billed.
 */
export function journalStatements(sql: SqlStorage, countWritten: (rows: number) => void) {
  sql.exec(SCHEMA)

  function write(query: string, ...bindings: SqlStorageValue[]): void {
    countWritten(sql.exec(query, ...bindings).rowsWritten)
  }

  return {
    insertRow(row: JournalRow): void {
      write(
        'INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)',
        row.seq,
        row.source,
        row.receivedAt,
        row.events,
        row.quarantine,
        row.fingerprints,
        row.tally,
      )
    },
    /** Rows of the range, in order. A cursor: read it before anything is awaited. */
    rowsBetween(from: number, to: number): Iterable<JournalRow> {
      return sql.exec<JournalRow & Record<string, SqlStorageValue>>(
        'SELECT * FROM journal WHERE seq BETWEEN ? AND ? ORDER BY seq',
        from,
        to,
      )
    },
    /** Every row, the last first. A cursor, as above. */
    rowsBackwards(): Iterable<JournalRow> {
      return sql.exec<JournalRow & Record<string, SqlStorageValue>>(
        'SELECT * FROM journal ORDER BY seq DESC',
      )
    },
    /** Every row without its records, in order. A cursor, as above. */
    summaries(): Iterable<RowSummary> {
      return sql.exec<RowSummary & Record<string, SqlStorageValue>>(
        `SELECT seq, source, receivedAt, fingerprints, tally,
                length(events) + length(quarantine) AS bytes
         FROM journal ORDER BY seq`,
      )
    },
    deleteThrough(seq: number): void {
      write('DELETE FROM journal WHERE seq <= ?', seq)
    },
    fingerprintParts(bucket: number): ArrayBuffer[] {
      return sql
        .exec<{ packed: ArrayBuffer }>(
          'SELECT packed FROM fingerprints WHERE bucket = ? ORDER BY part',
          bucket,
        )
        .toArray()
        .map((row) => row.packed)
    },
    putFingerprintPart(bucket: number, part: number, packed: ArrayBuffer): void {
      write(
        `INSERT INTO fingerprints VALUES (?, ?, ?)
         ON CONFLICT (bucket, part) DO UPDATE SET packed = excluded.packed`,
        bucket,
        part,
        packed,
      )
    },
    readState(): JournalState | undefined {
      const [row] = sql.exec<{ json: string }>('SELECT json FROM state').toArray()
      return row && (JSON.parse(row.json) as JournalState)
    },
    writeState(state: JournalState): void {
      write(
        'INSERT INTO state VALUES (0, ?) ON CONFLICT (id) DO UPDATE SET json = excluded.json',
        JSON.stringify(state),
      )
    },
  }
}

/** The statements of one journal. */
export type JournalStatements = ReturnType<typeof journalStatements>
