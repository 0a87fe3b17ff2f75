import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startSink } from '../peers/sink.mjs'
import { startClient } from './processes.mjs'
import { untilArrived } from './speed.mjs'

/** Longer than the longest pause that an SDK makes between two attempts here. */
const QUIET_MS = 25_000
const MAX_RUN_MS = 150_000

/** What happens to the server and to the process. A process that has ended is started again, with one event to make. */
export const FAULTS = {
  '500 for 3 s': { mode: 'stay', run: (world) => failing(world, 3000, 500) },
  '429, Retry-After 2': {
    mode: 'stay',
    run: (world) => failing(world, 2000, 429, { 'retry-after': '2' }),
  },
  'down for 5 s': { mode: 'stay', run: (world) => away(world, 5000) },
  'down for 60 s': { mode: 'stay', run: (world) => away(world, 60_000) },
  'process.exit': { mode: 'exit' },
  'natural end': { mode: 'natural' },
  'close, then exit': { mode: 'close' },
  'SIGKILL while down': {
    mode: 'stay',
    async run({ sink, client }) {
      await sink.down()
      await client.made
      await sleep(1500)
      client.kill()
      await client.ended
      await sink.up()
    },
  },
}

/**
 * What became of the events of one SDK under one fault.
 *
 * @typedef {object} FaultRow
 * @property {string} sdk
 * @property {string} fault
 * @property {number} events How many were made.
 * @property {number} arrived Different ones that arrived; `beforeRestart` of them before the process was started again,
 *   where it ended.
 * @property {number} duplicates Copies beyond the first on the wire.
 * @property {string[]} faults What the SDK let through to the process: uncaught exceptions, unhandled rejections.
 */

/**
 * Runs every fault with every SDK, several at a time: nearly all of it is waiting.
 *
 * @param {{ sdks: string[], faults: string[], events: number, repetitions: number, atOnce: number, quietMs?: number, onRow?: (row: FaultRow) => void }} plan
 * @returns {Promise<FaultRow[]>}
 */
export async function measureFaults(plan) {
  const { sdks, faults, events, repetitions, atOnce, quietMs = QUIET_MS, onRow = () => {} } = plan
  const waiting = Array.from({ length: repetitions }, () => faults)
    .flat()
    .flatMap((fault) => sdks.map((sdk) => ({ sdk, fault })))
  const rows = []
  async function work() {
    for (let run = waiting.shift(); run; run = waiting.shift()) {
      const row = { ...run, events, ...(await measureOne(run, events, quietMs)) }
      rows.push(row)
      onRow(row)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return rows
}

async function measureOne({ sdk, fault }, events, quietMs) {
  const { mode, run } = FAULTS[fault]
  const sink = await startSink()
  const folder = mkdtempSync(join(tmpdir(), 'tributary-bench-node-'))
  const task = { sdk, tag: 'fault', endpoint: `http://127.0.0.1:${sink.port}`, folder, events }
  let client = startClient({ ...task, mode })
  const deadline = Date.now() + MAX_RUN_MS
  try {
    await run?.({ sink, client })
    await client.made
    const row = {}
    const hasEnded = mode !== 'stay' || fault.startsWith('SIGKILL')
    if (hasEnded) {
      await Promise.race([client.ended, sleep(quietMs, undefined, { ref: false })])
      row.beforeRestart = sink.arrived(task.tag).unique
      client.kill()
      client = startClient({ ...task, mode: 'stay', tag: 'restart', events: 1 })
    }
    const { unique } = await untilArrived(sink, task.tag, events, deadline, quietMs)
    const { duplicates } = sink.arrived(task.tag)
    return { ...row, arrived: unique, duplicates, faults: client.told.faults }
  } finally {
    client.kill()
    await sink.down()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** From before the first call until some time after the last. */
async function failing({ sink, client }, ms, status, headers) {
  sink.fail(MAX_RUN_MS, status, headers)
  await client.made
  await sleep(ms)
  sink.fail(0)
}

async function away({ sink, client }, ms) {
  await sink.down()
  await client.made
  await sleep(ms)
  await sink.up()
}
