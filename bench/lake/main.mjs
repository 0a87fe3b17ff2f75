import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import { Miniflare } from 'miniflare'
import { rollup } from 'rollup'
import { makeLines } from './events.mjs'

/**
 * One day of the lake in both its forms: as the drain writes it, and as the collector's own compaction turns that into
 * Parquet. Sizes, and the times that DuckDB takes for three questions.
 */

// DuckDB is the end-to-end tests' dependency; the benchmark borrows it.
const { DuckDBInstance } = createRequire(new URL('../../e2e/lake.test.ts', import.meta.url))(
  '@duckdb/node-api',
)

const HERE = fileURLToPath(new URL('.', import.meta.url))
const EVENTS = Number(process.argv[2] ?? 200_000)
const OBJECTS = 960
const ROUNDS = 5
const DATE = '2026-01-31'
const DAY = `events/source=web/date=${DATE}`
const ADMIN = { authorization: 'Bearer at_bench' }

const QUESTIONS = {
  'count by type': 'SELECT type, count(*) FROM events GROUP BY type',
  'funnel of two events per user': `SELECT count(*) FROM (
    SELECT anonymousId, min(timestamp) FILTER (event = 'Product Added') AS added,
      max(timestamp) FILTER (event = 'Order Completed') AS completed
    FROM events GROUP BY anonymousId) WHERE completed > added`,
  'filter on one property': `SELECT count(*) FROM events WHERE (properties->>'$.price')::DOUBLE > 150`,
}

const folder = mkdtempSync(join(tmpdir(), 'tributary-bench-lake-'))
try {
  const miniflare = await start()
  const lake = await miniflare.getR2Bucket('LAKE')
  const rawBytes = await writeObjects(lake)
  const small = join(folder, 'small')
  await copyLake(lake, '.ndjson.gz', small)

  const startedAt = performance.now()
  const report = await compact(miniflare)
  const seconds = (performance.now() - startedAt) / 1000
  const parquet = join(folder, 'parquet')
  await copyLake(lake, '.parquet', parquet)
  await miniflare.dispose()

  const sizes = { small: sizeOf(small), parquet: sizeOf(parquet) }
  console.log(
    `\n${EVENTS} events, ${megabytes(rawBytes)} MB of JSON; compacted in ${seconds.toFixed(1)} s`,
  )
  console.log(
    `Operations on the lake: ${report.lakeWrites} of class A, ${report.lakeReads} of class B\n`,
  )
  console.log('| | NDJSON | Parquet |')
  console.log('|---|---|---|')
  console.log(`| files | ${sizes.small.files} | ${sizes.parquet.files} |`)
  console.log(`| MB | ${megabytes(sizes.small.bytes)} | ${megabytes(sizes.parquet.bytes)} |`)
  const [ofSmall, ofParquet] = [await ask(smallView(small)), await ask(parquetView(parquet))]
  for (const question of Object.keys(QUESTIONS)) {
    if (ofSmall[question].answer !== ofParquet[question].answer)
      throw new Error(`"${question}" has two answers.`)
    console.log(`| ${question}, ms | ${ofSmall[question].ms} | ${ofParquet[question].ms} |`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function start() {
  const bundle = await rollup({
    input: join(HERE, '..', 'collector', 'collector-worker.mjs'),
    external: ['cloudflare:workers'],
    plugins: [nodeResolve({ exportConditions: ['workerd', 'worker', 'browser'] })],
  })
  const { output } = await bundle.generate({ format: 'es' })
  return new Miniflare({
    modules: true,
    script: output[0].code,
    compatibilityDate: '2026-04-21',
    cf: false,
    defaultPersistRoot: join(folder, 'state'),
    bindings: { TRIBUTARY_ADMIN_TOKEN: 'at_bench' },
    durableObjects: { JOURNAL: { className: 'Journal', useSQLite: true } },
    r2Buckets: ['LAKE'],
  })
}

/** Writes the day as drains of one journal over a day would; gives the size before compression. */
async function writeObjects(lake) {
  const lines = makeLines(EVENTS, 1, Date.parse(DATE))
  const perObject = Math.ceil(lines.length / OBJECTS)
  let bytes = 0
  for (let from = 0; from < lines.length; from += perObject) {
    const object = lines.slice(from, from + perObject)
    const text = object.map((line) => `${line}\n`).join('')
    bytes += Buffer.byteLength(text)
    const rows = [from + 1, from + object.length].map((row) => String(row).padStart(12, '0'))
    await lake.put(
      `${DAY}/0-0123456789abcdef-${rows.join('-')}.ndjson.gz`,
      new Uint8Array(gzipSync(text)).buffer,
      {
        customMetadata: {
          firstReceivedAt: JSON.parse(object[0]).receivedAt,
          lastReceivedAt: JSON.parse(object.at(-1)).receivedAt,
        },
      },
    )
  }
  return bytes
}

async function compact(miniflare) {
  const sums = { lakeWrites: 0, lakeReads: 0 }
  for (;;) {
    const answer = await miniflare.dispatchFetch(
      `http://bench/api/compact?source=web&date=${DATE}`,
      {
        method: 'POST',
        headers: ADMIN,
      },
    )
    if (!answer.ok) throw new Error(`Compaction answered ${answer.status}: ${await answer.text()}`)
    const report = await answer.json()
    for (const name of Object.keys(sums)) sums[name] += report[name]
    if (!report.more) return sums
  }
}

async function copyLake(lake, end, to) {
  let cursor
  do {
    const page = await lake.list({ prefix: 'events/', cursor })
    for (const { key } of page.objects) {
      if (!key.endsWith(end)) continue
      mkdirSync(dirname(join(to, key)), { recursive: true })
      const object = await lake.get(key)
      writeFileSync(join(to, key), Buffer.from(await object.arrayBuffer()))
    }
    cursor = page.truncated ? page.cursor : undefined
  } while (cursor)
}

function sizeOf(top) {
  const files = readdirSync(top, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  const bytes = files.reduce(
    (sum, file) => sum + statSync(join(file.parentPath, file.name)).size,
    0,
  )
  return { files: files.length, bytes }
}

function smallView(top) {
  return `SELECT * FROM read_json('${top}/events/*/*/*.ndjson.gz', format = 'newline_delimited', columns = {
    type: 'VARCHAR', event: 'VARCHAR', anonymousId: 'VARCHAR', timestamp: 'TIMESTAMP', properties: 'JSON' })`
}

function parquetView(top) {
  return `SELECT * FROM read_parquet('${top}/events/*/*/*.parquet')`
}

/** Each question's answer, and the median of its times. */
async function ask(view) {
  const duckdb = await (await DuckDBInstance.create(':memory:')).connect()
  await duckdb.run(`CREATE VIEW events AS ${view}`)
  const results = {}
  for (const [question, sql] of Object.entries(QUESTIONS)) {
    const times = []
    let answer
    for (let round = 0; round < ROUNDS; round++) {
      const startedAt = performance.now()
      const rows = (await duckdb.runAndReadAll(sql)).getRowObjectsJson()
      times.push(performance.now() - startedAt)
      answer = rows
        .map((row) => JSON.stringify(row))
        .sort()
        .join()
    }
    const median = times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]
    results[question] = { answer, ms: Math.round(median) }
  }
  duckdb.closeSync()
  return results
}

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1)
}
