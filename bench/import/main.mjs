import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT } from '../../scripts/steps.mjs'
import { startCollector } from '../browser/collector.mjs'

/**
 * A file of calls as a CRM has them, imported into a collector on this machine: once, once killed again and again, and once
 * more with nothing to add. Times, and the most memory that the import took.
 */

const ROWS = Number(process.argv[2] ?? 1_000_000)
const KILLS = Number(process.argv[3] ?? 3)
const KILL_AFTER_MS = 4000

const folder = mkdtempSync(join(tmpdir(), 'tributary-bench-import-'))
const collector = await startCollector()
try {
  const file = join(folder, 'calls.csv')
  await writeCalls(file)
  console.log(`${ROWS} rows, ${(statSync(file).size / 1e6).toFixed(1)} MB\n`)
  console.log('| | seconds | MB at most | rows | stored | known already | refused |')
  console.log('|---|---|---|---|---|---|---|')
  for (let kills = 0; kills < KILLS; kills++) await killedImport(file)
  await report(`new, after ${KILLS} kills`, file)
  await report('again', file)
} finally {
  await collector.stop()
  rmSync(folder, { recursive: true, force: true })
}

async function writeCalls(path) {
  const out = createWriteStream(path)
  out.write('Call ID;Contact ID;When;Duration;Note\n')
  for (let row = 0; row < ROWS; row++) {
    const time = new Date(Date.UTC(2026, 0, 1) + row * 7000).toISOString()
    const line = `${row};c${(row * 7919) % 200_000};${time};${row % 3600};"Rückruf wegen ""Angebot"" ${row}"\n`
    if (!out.write(line)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'close')
}

function startImport(path) {
  const program = join(ROOT, 'packages', 'cli', 'bin', 'tributary.js')
  const fields = ['--type', 'track', '--event', 'Call', '--user-id', '{Contact ID}']
  return spawn(
    process.execPath,
    [program, 'import', path, ...fields, '--timestamp', '{When}', '--json'],
    {
      env: { ...process.env, TRIBUTARY_ENDPOINT: collector.url, TRIBUTARY_WRITE_KEY: 'wk_bench' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
}

async function killedImport(path) {
  const child = startImport(path)
  await sleep(KILL_AFTER_MS)
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

async function report(name, path) {
  const startedAt = performance.now()
  const child = startImport(path)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  let peak = 0
  const watch = setInterval(() => {
    peak = Math.max(peak, residentMegabytes(child.pid))
  }, 250)
  await once(child, 'close')
  clearInterval(watch)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0)
  const { rows, stored, duplicates, refused } = JSON.parse(output)
  console.log(
    `| ${name} | ${seconds} | ${peak.toFixed(0)} | ${rows} | ${stored} | ${duplicates} | ${refused} |`,
  )
}

function residentMegabytes(pid) {
  const status = `/proc/${pid}/status`
  const kilobytes = existsSync(status)
    ? /VmRSS:\s+(\d+)/.exec(readFileSync(status, 'utf8'))?.[1]
    : spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).stdout
  return Number(kilobytes ?? 0) / 1024
}
