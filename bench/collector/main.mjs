import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { Miniflare } from 'miniflare'
import { sendAll } from './load.mjs'
import { countOperations } from './operations.mjs'
import { browserRequests } from './requests.mjs'

/**
 * How many events a second the collector makes durable, beside a Worker that only parses the same bodies and one that only
 * appends them to a Durable Object. All three take turns in one run, so that what else the machine does falls on all.
 */

const HERE = fileURLToPath(new URL('.', import.meta.url))
const ADMIN_TOKEN = 'at_bench'
const CONNECTIONS = 16
const ROUNDS = Number(process.argv[2] ?? 5)
/** Events a round, by the size of its batches: enough for a second or more of work. */
const EVENTS = { 1: 3000, 20: 20_000, 100: 40_000 }
const WORKERS = { parse: undefined, append: 'Log', collector: 'Journal' }

const folder = mkdtempSync(join(tmpdir(), 'tributary-bench-'))
try {
  const running = {}
  for (const [name, className] of Object.entries(WORKERS)) {
    running[name] = await start(name, className)
  }
  for (const batchSize of ROUNDS > 0 ? [1, 20, 100] : []) await compare(running, batchSize)
  await countOperations(running.collector.port, ADMIN_TOKEN)
  for (const { miniflare } of Object.values(running)) await miniflare.dispose()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function start(name, className) {
  const { outputFiles } = await build({
    entryPoints: [join(HERE, `${name}-worker.mjs`)],
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:workers'],
  })
  const miniflare = new Miniflare({
    modules: true,
    script: outputFiles[0].text,
    compatibilityDate: '2026-04-21',
    cf: false,
    defaultPersistRoot: join(folder, name),
    bindings: { TRIBUTARY_ADMIN_TOKEN: ADMIN_TOKEN },
    ...(className && { durableObjects: { JOURNAL: { className, useSQLite: true } } }),
    r2Buckets: ['LAKE'],
  })
  const { port } = await miniflare.ready
  return { miniflare, port: Number(port) }
}

async function compare(running, batchSize) {
  const results = Object.fromEntries(Object.keys(running).map((name) => [name, []]))
  for (let round = -1; round < ROUNDS; round++) {
    for (const [name, { port }] of Object.entries(running)) {
      const requests = browserRequests(EVENTS[batchSize] / batchSize, batchSize)
      const result = await sendAll(port, requests, CONNECTIONS)
      // The first round warms up.
      if (round >= 0) results[name].push(result)
    }
  }
  console.log(`\nBatches of ${batchSize}, ${CONNECTIONS} connections, median of ${ROUNDS} rounds\n`)
  console.log('| Worker | Events/s | of parsing only | p50 ms | p95 ms | p99 ms |')
  console.log('|---|---|---|---|---|---|')
  const rate = (name) => median(results[name].map(({ seconds }) => EVENTS[batchSize] / seconds))
  for (const [name, rounds] of Object.entries(results)) {
    const latencies = rounds.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b)
    const at = (share) => latencies[Math.floor(latencies.length * share)].toFixed(1)
    const share = Math.round((100 * rate(name)) / rate('parse'))
    console.log(
      `| ${name} | ${Math.round(rate(name))} | ${share} % | ${at(0.5)} | ${at(0.95)} | ${at(0.99)} |`,
    )
  }
}

function median(numbers) {
  return numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)]
}
