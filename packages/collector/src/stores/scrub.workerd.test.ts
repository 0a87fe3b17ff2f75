import { runInDurableObject } from 'cloudflare:test'
import { afterEach, expect, test } from 'vitest'
import { bindings, forgetAll } from '../../test-client.ts'
import { scrub } from './scrub.ts'

afterEach(forgetAll)

test('rows, indexes, and numbers that are used up are after it what they were', async () => {
  await runInDurableObject(bindings.JOURNAL.getByName('scrubbed'), async (_, { storage }) => {
    const { sql } = storage
    sql.exec(`
      CREATE TABLE numbered (seq INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL UNIQUE);
      CREATE TABLE paired (a INTEGER, b INTEGER, data BLOB, PRIMARY KEY (a, b)) WITHOUT ROWID;
      CREATE INDEX byText ON numbered (text);`)
    for (let row = 0; row < 50; row++) {
      sql.exec('INSERT INTO numbered (text) VALUES (?)', `text ${row}`)
      sql.exec('INSERT INTO paired VALUES (?, ?, randomblob(?))', row % 7, row, row * 100)
    }
    sql.exec('DELETE FROM numbered')
    const read = () => [
      sql.exec('SELECT * FROM paired ORDER BY b').toArray(),
      sql.exec('SELECT count(*) AS rows FROM sqlite_master').toArray(),
    ]
    const before = read()
    await scrub(storage)
    await scrub(storage)
    expect(read()).toEqual(before)
    sql.exec("INSERT INTO numbered (text) VALUES ('next')")
    expect(sql.exec('SELECT seq FROM numbered').one()).toEqual({ seq: 51 })
    expect(() => sql.exec("INSERT INTO numbered (text) VALUES ('next')")).toThrow('UNIQUE')
    expect(sql.exec("SELECT name FROM sqlite_master WHERE name = 'byText'").toArray()).toHaveLength(
      1,
    )
  })
})
