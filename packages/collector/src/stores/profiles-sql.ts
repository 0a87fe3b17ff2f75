import type { Address } from '@tributary/identity'

/** Some records of a component, packed; see `core/frames.ts`. */
export interface PackRow {
  no: number
  frames: ArrayBuffer
}

/** An erased event, for whoever takes it out of journal and lake. */
interface ErasureRow {
  seq: number
  json: string
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS directory (
    address TEXT PRIMARY KEY,
    component TEXT NOT NULL,
    key TEXT
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS moved (
    component TEXT PRIMARY KEY,
    target TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS pack (
    component TEXT NOT NULL,
    no INTEGER NOT NULL,
    frames BLOB NOT NULL,
    PRIMARY KEY (component, no)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS damaged (seq INTEGER PRIMARY KEY, component TEXT NOT NULL, frames BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS term (
    term TEXT NOT NULL,
    component TEXT NOT NULL,
    PRIMARY KEY (term, component)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS member (
    groupId TEXT NOT NULL,
    component TEXT NOT NULL,
    PRIMARY KEY (groupId, component)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS outbox (seq INTEGER PRIMARY KEY, shard INTEGER NOT NULL, json TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS change (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, json TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS scrub (component TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS erasure (seq INTEGER PRIMARY KEY, json TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY CHECK (id = 0), json TEXT NOT NULL);`

/**
 * Every statement of a shard of profiles, written out once.
 *
 * @param countWritten Told the rows that each statement wrote, as they are billed.
 */
export function profileStatements(sql: SqlStorage, countWritten: (rows: number) => void) {
  sql.exec(SCHEMA)

  function write(query: string, ...bindings: SqlStorageValue[]): void {
    countWritten(sql.exec(query, ...bindings).rowsWritten)
  }

  function all<Row extends object>(query: string, ...bindings: SqlStorageValue[]): Row[] {
    return sql.exec(query, ...bindings).toArray() as unknown as Row[]
  }

  return {
    ...graphStatements(write, all),
    ...packStatements(write, all),
    ...damageStatements(write, all),
    ...searchStatements(write, all),
    ...queueStatements(write, all),
  }
}

type Write = (query: string, ...bindings: SqlStorageValue[]) => void
type All = <Row extends object>(query: string, ...bindings: SqlStorageValue[]) => Row[]

function graphStatements(write: Write, all: All) {
  return {
    componentOf(address: Address): Address | undefined {
      const [row] = all<{ component: Address }>(
        'SELECT component FROM directory WHERE address = ?',
        address,
      )
      return row?.component
    },
    keyOf(address: Address): string | undefined {
      const [row] = all<{ key: string | null }>(
        'SELECT key FROM directory WHERE address = ?',
        address,
      )
      return row?.key ?? undefined
    },
    putDirectory(address: Address, component: Address, key: string | undefined): void {
      write(
        `INSERT INTO directory VALUES (?, ?, ?) ON CONFLICT (address)
         DO UPDATE SET component = excluded.component, key = coalesce(excluded.key, key)`,
        address,
        component,
        key ?? null,
      )
    },
    /** The name of an identifier is forgotten; where it leads is not. */
    forgetKey(address: Address): void {
      write('UPDATE directory SET key = NULL WHERE address = ? AND key IS NOT NULL', address)
    },
    movedTo(component: Address): Address | undefined {
      const [row] = all<{ target: Address }>(
        'SELECT target FROM moved WHERE component = ?',
        component,
      )
      return row?.target
    },
    putMoved(component: Address, target: Address): void {
      write(
        `INSERT INTO moved VALUES (?, ?)
         ON CONFLICT (component) DO UPDATE SET target = excluded.target`,
        component,
        target,
      )
    },
  }
}

function packStatements(write: Write, all: All) {
  return {
    packs(component: Address): PackRow[] {
      return all('SELECT no, frames FROM pack WHERE component = ? ORDER BY no', component)
    },
    pack(component: Address, no: number): ArrayBuffer | undefined {
      const [row] = all<PackRow>(
        'SELECT frames FROM pack WHERE component = ? AND no = ?',
        component,
        no,
      )
      return row?.frames
    },
    insertPack(component: Address, no: number, frames: ArrayBuffer): void {
      write('INSERT INTO pack VALUES (?, ?, ?)', component, no, frames)
    },
    /** Adds frames behind those that are there, without reading them. */
    extendPack(component: Address, no: number, frames: ArrayBuffer): void {
      write(
        'UPDATE pack SET frames = CAST(frames || ? AS BLOB) WHERE component = ? AND no = ?',
        frames,
        component,
        no,
      )
    },
    replacePack(component: Address, no: number, frames: ArrayBuffer): void {
      write('UPDATE pack SET frames = ? WHERE component = ? AND no = ?', frames, component, no)
    },
    deletePacks(component: Address): void {
      write('DELETE FROM pack WHERE component = ?', component)
    },
    /** Gives the packs of a component to another one, behind its own. */
    movePacks(from: Address, into: Address, after: number): void {
      write('UPDATE pack SET component = ?, no = no + ? WHERE component = ?', into, after, from)
    },
    /** Addresses of components after one, in order. */
    componentsAfter(component: Address, limit: number): Address[] {
      return all<{ component: Address }>(
        `SELECT component FROM pack WHERE component > ?1
         UNION SELECT component FROM damaged WHERE component > ?1 ORDER BY component LIMIT ?2`,
        component,
        limit,
      ).map((row) => row.component)
    },
    putScrub(component: Address): void {
      write('INSERT OR IGNORE INTO scrub VALUES (?)', component)
    },
    deleteScrub(component: Address): void {
      write('DELETE FROM scrub WHERE component = ?', component)
    },
    scrubs(): Address[] {
      return all<{ component: Address }>('SELECT component FROM scrub').map((row) => row.component)
    },
  }
}

/** Packs that could not be read, or were to be read anew from the lake: kept until that is done. */
function damageStatements(write: Write, all: All) {
  return {
    /** Unless it is another one by now. */
    setPackAside(component: Address, { no, frames }: PackRow): void {
      write(
        `INSERT INTO damaged (component, frames)
         SELECT component, frames FROM pack WHERE component = ? AND no = ? AND frames = ?`,
        component,
        no,
        frames,
      )
      write('DELETE FROM pack WHERE component = ? AND no = ? AND frames = ?', component, no, frames)
    },
    isDamaged(component: Address): boolean {
      return all('SELECT seq FROM damaged WHERE component = ? LIMIT 1', component).length > 0
    },
    lastDamaged(): number {
      return all<{ seq: number | null }>('SELECT max(seq) AS seq FROM damaged')[0]?.seq ?? 0
    },
    deleteDamaged(through: number): void {
      write('DELETE FROM damaged WHERE seq <= ?', through)
    },
  }
}

function searchStatements(write: Write, all: All) {
  return {
    putTerm(term: string, component: Address): void {
      write('INSERT OR IGNORE INTO term VALUES (?, ?)', term, component)
    },
    deleteTerms(component: Address): void {
      write('DELETE FROM term WHERE component = ?', component)
    },
    putMember(groupId: string, component: Address): void {
      write('INSERT OR IGNORE INTO member VALUES (?, ?)', groupId, component)
    },
    deleteMembers(component: Address): void {
      write('DELETE FROM member WHERE component = ?', component)
    },
    componentsOfGroup(groupId: string): Address[] {
      return all<{ component: Address }>(
        'SELECT component FROM member WHERE groupId = ?',
        groupId,
      ).map((row) => row.component)
    },
    /** Components of which an identifier's value, or a trait, begins with a text in lower case. May name too many. */
    componentsWith(prefix: string, limit: number): Address[] {
      const pattern = `${prefix.replace(/[\\%_]/g, '\\$&')}%`
      return all<{ component: Address }>(
        `SELECT component FROM term WHERE term BETWEEN ?2 AND ?2 || char(1114111)
         UNION
         SELECT component FROM directory
          WHERE key LIKE ?1 ESCAPE '\\' OR substr(key, instr(key, ':') + 1) LIKE ?1 ESCAPE '\\'
         LIMIT ?3`,
        pattern,
        prefix,
        limit,
      ).map((row) => row.component)
    },
  }
}

function queueStatements(write: Write, all: All) {
  return {
    putOutgoing(seq: number, shard: number, json: string): void {
      write('INSERT INTO outbox VALUES (?, ?, ?)', seq, shard, json)
    },
    outgoing(limit: number): { seq: number; shard: number; json: string }[] {
      return all('SELECT seq, shard, json FROM outbox ORDER BY seq LIMIT ?', limit)
    },
    outgoingCount(): number {
      return all<{ n: number }>('SELECT count(*) AS n FROM outbox')[0]?.n ?? 0
    },
    deleteOutgoing(seq: number): void {
      write('DELETE FROM outbox WHERE seq = ?', seq)
    },
    putChanges(seq: number, at: number, json: string): void {
      write('INSERT INTO change VALUES (?, ?, ?)', seq, at, json)
    },
    changesAfter(seq: number, limit: number): { seq: number; at: number; json: string }[] {
      return all('SELECT seq, at, json FROM change WHERE seq > ? ORDER BY seq LIMIT ?', seq, limit)
    },
    /** Forgets the oldest changes, a few at a time. */
    deleteChangesBefore(at: number): void {
      write(
        'DELETE FROM change WHERE seq IN (SELECT seq FROM change ORDER BY seq LIMIT 2) AND at < ?',
        at,
      )
    },
    putErasure(seq: number, json: string): void {
      write('INSERT INTO erasure VALUES (?, ?)', seq, json)
    },
    erasuresAfter(seq: number, limit: number): ErasureRow[] {
      return all('SELECT seq, json FROM erasure WHERE seq > ? ORDER BY seq LIMIT ?', seq, limit)
    },
    deleteErasures(through: number): void {
      write('DELETE FROM erasure WHERE seq <= ?', through)
    },
    readState(): string | undefined {
      return all<{ json: string }>('SELECT json FROM state')[0]?.json
    },
    writeState(json: string): void {
      write(
        'INSERT INTO state VALUES (0, ?) ON CONFLICT (id) DO UPDATE SET json = excluded.json',
        json,
      )
    },
  }
}

/** The statements of one shard. */
export type ProfileStatements = ReturnType<typeof profileStatements>
