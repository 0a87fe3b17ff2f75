import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startSink } from '../peers/sink.mjs'
import { startClient } from './processes.mjs'

/** An SDK that has delivered nothing new for so long delivers no more. */
const QUIET_MS = 12_000
const POLL_MS = 50

/**
 * What it cost one SDK to bring its events to a server that answers at once.
 *
 * @typedef {object} SpeedRow
 * @property {string} sdk
 * @property {string} manner `burst`: a thousand calls in each turn of the event loop; `windowed`: a flush after each thousand.
 * @property {number} events How many were made.
 * @property {number} delivered Different ones that arrived.
 * @property {number} duplicates Copies beyond the first.
 * @property {number} wallMs From the first call until all had arrived.
 * @property {number} cpuS Of the whole process, its threads included.
 * @property {number} idleMb Resident memory before the first call; `peakMb` at its highest.
 * @property {number} callUs Median of one call; `slowCallUs` is the 99th percentile, `longestMs` the longest.
 * @property {number} requests
 * @property {number} connections
 * @property {number} bytes Of bodies as they came.
 * @property {string} [error]
 */

/**
 * Runs the SDKs in turn, each in a fresh process with a fresh server.
 *
 * @param {{ sdks: string[], manners: string[], events: number, rounds: number, capMs: number, onRow?: (row: SpeedRow) => void }} plan
 *   What is not delivered `capMs` after the start is given up.
 * @returns {Promise<SpeedRow[]>}
 */
export async function measureSpeed({ sdks, manners, events, rounds, capMs, onRow = () => {} }) {
  const rows = []
  for (let round = 0; round < rounds; round++) {
    for (const manner of manners) {
      for (const sdk of sdks) {
        const row = {
          sdk,
          manner,
          round,
          events,
          ...(await measureOne(sdk, manner, events, capMs)),
        }
        rows.push(row)
        onRow(row)
      }
    }
  }
  return rows
}

async function measureOne(sdk, manner, events, capMs) {
  const sink = await startSink()
  const folder = mkdtempSync(join(tmpdir(), 'tributary-bench-node-'))
  const tag = 'speed'
  const endpoint = `http://127.0.0.1:${sink.port}`
  const begun = Date.now()
  const client = startClient({ sdk, mode: manner, events, tag, endpoint, folder })
  const giveUp = setTimeout(client.kill, capMs)
  try {
    await client.made
    const { unique, at } = await untilArrived(sink, tag, events, begun + capMs)
    client.finish()
    const [code] = await client.ended
    const { duplicates } = sink.arrived(tag)
    const error = code === 0 ? undefined : `ended with ${code}`
    return {
      ...{ delivered: unique, duplicates, wallMs: at - begun, error },
      ...sink.traffic(),
      ...client.told,
    }
  } finally {
    clearTimeout(giveUp)
    client.kill()
    await sink.down()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Waits while events come, and gives how many have, and when the last did. */
export async function untilArrived(sink, tag, events, deadline, quietMs = QUIET_MS) {
  let unique = -1
  let at = Date.now()
  for (;;) {
    const now = sink.arrived(tag).unique
    if (now !== unique) at = Date.now()
    unique = now
    if (unique >= events || Date.now() > Math.min(deadline, at + quietMs)) return { unique, at }
    await sleep(POLL_MS)
  }
}
