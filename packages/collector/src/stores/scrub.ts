/**
 * What SQLite has let go stays in its file, and in the log before it, until it is written over; `secure_delete` and
 * `VACUUM` are not to be had in a Durable Object. So it is written over: every table is copied to clean pages, then all free pages
 * are filled with zeros, and then the log is.
 *
 * Locally, nothing that was deleted before the call is in the files after it. What Cloudflare keeps for a recovery of its own (30
 * days, "Point-in-time recovery") is beyond anybody's reach.
 */
export async function scrub(storage: DurableObjectStorage): Promise<void> {
  const { sql } = storage
  dropFiller(storage)
  await fill(storage, 1)
  const tables = tablesOf(sql)
  // All copies before the first table goes: they must get none of its pages.
  storage.transactionSync(() => {
    for (const { name, statement } of tables) {
      sql.exec(statement.replace(/^CREATE TABLE\s+["']?\w+["']?/i, `CREATE TABLE ${name}_copy`))
      sql.exec(`INSERT INTO ${name}_copy SELECT * FROM ${name}`)
    }
    const sequences = sequencesOf(sql)
    for (const { name } of tables) {
      sql.exec(`DROP TABLE ${name}`)
      sql.exec(`ALTER TABLE ${name}_copy RENAME TO ${name}`)
    }
    // A number that was given to a row that is gone is not given again (AUTOINCREMENT).
    for (const { name, seq } of sequences) {
      sql.exec('DELETE FROM sqlite_sequence WHERE name = ?', name)
      sql.exec('INSERT INTO sqlite_sequence VALUES (?, ?)', name, seq)
    }
  })
  await storage.sync()
  // The log is begun anew after a commit that makes it longer than 1,000 pages: after this one.
  await fill(storage, 2)
  for (const { indexes } of tables) for (const index of indexes) sql.exec(index)
  // Longer than all that was in it: what it had before the call, one row of filler, and the copies.
  await fill(storage, LOG_ROWS + Math.ceil(sql.databaseSize / FILLER_BYTES))
}

/** Rows of filler that are longer together than a log of 1,000 pages, the largest commit of a journal and another row. */
const LOG_ROWS = 3

/** Most free pages that are filled, in rows of filler: 1.8 GB. */
const MAX_FILLER_ROWS = 1000

const PAGE_BYTES = 4096

/**
 * Bytes of a row that leave no page half-filled with what was there before: 489 on the page of the table, and whole pages
 * after it (https://sqlite.org/fileformat2.html#b_tree_pages), less the six of the row's head.
 */
const FILLER_BYTES = 489 + 450 * (PAGE_BYTES - 4) - 6

/** A database larger than this keeps its tables where they are, and only its free pages are written over. */
const MAX_COPIED_BYTES = 256 * 1024 * 1024

const FILLER = 'filler_'

/** Writes over all free pages, and over so many rows' length of the log. */
async function fill(storage: DurableObjectStorage, rows: number): Promise<void> {
  const { sql } = storage
  storage.transactionSync(() => {
    for (let row = 0; row < MAX_FILLER_ROWS; row++) {
      if (row >= rows && !hasFreePages(sql, row)) break
      sql.exec(`CREATE TABLE ${FILLER}${row} (id INTEGER PRIMARY KEY, zeros BLOB)`)
      sql.exec(`INSERT INTO ${FILLER}${row} VALUES (1, zeroblob(${FILLER_BYTES}))`)
    }
  })
  await storage.sync()
  dropFiller(storage)
  await storage.sync()
}

/**
 * Whether a new table is given a free page. Where there is none the file grows, and the table's page is the last of all, as
 * the size says, which free pages are not part of. More than one is tried: a free page may have that number by chance.
 */
function hasFreePages(sql: SqlStorage, row: number): boolean {
  for (const probe of [`${FILLER}a${row}`, `${FILLER}b${row}`, `${FILLER}c${row}`]) {
    sql.exec(`CREATE TABLE ${probe} (id INTEGER PRIMARY KEY)`)
    const [row] = sql
      .exec<{ rootpage: number }>('SELECT rootpage FROM sqlite_master WHERE name = ?', probe)
      .toArray()
    if (row?.rootpage !== sql.databaseSize / PAGE_BYTES) return true
  }
  return false
}

function dropFiller(storage: DurableObjectStorage): void {
  const names = storage.sql
    .exec<{ name: string }>(`SELECT name FROM sqlite_master WHERE name GLOB '${FILLER}*'`)
    .toArray()
  for (const { name } of names) storage.sql.exec(`DROP TABLE ${name}`)
}

/** The numbers that AUTOINCREMENT has come to, by table. */
function sequencesOf(sql: SqlStorage): { name: string; seq: number }[] {
  const [kept] = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").toArray()
  if (!kept) return []
  const query = `SELECT name, seq FROM sqlite_sequence WHERE name NOT GLOB '${FILLER}*'`
  return sql.exec<{ name: string; seq: number }>(query).toArray()
}

/** A table of ours, and the statements that make it. */
interface Table {
  name: string
  statement: string
  indexes: string[]
}

function tablesOf(sql: SqlStorage): Table[] {
  if (sql.databaseSize > MAX_COPIED_BYTES) return []
  const rows = sql
    .exec<{ type: string; name: string; tbl_name: string; sql: string }>(
      `SELECT type, name, tbl_name, sql FROM sqlite_master
       WHERE sql IS NOT NULL AND name NOT GLOB '_cf_*' AND name NOT GLOB 'sqlite_*'`,
    )
    .toArray()
  return rows
    .filter(({ type }) => type === 'table')
    .map(({ name, sql: statement }) => {
      const indexes = rows.filter((row) => row.type === 'index' && row.tbl_name === name)
      return { name, statement, indexes: indexes.map((index) => index.sql) }
    })
}
