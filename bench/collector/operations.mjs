import { OBJECT_GB, PRICE } from '../prices.mjs'
import { sendAll } from './load.mjs'
import { browserRequests } from './requests.mjs'

/** What the collector counts, and what each costs. */
const COUNTED = {
  requests: PRICE.workerRequest,
  journalCalls: PRICE.objectRequest,
  rowsWritten: PRICE.rowWritten,
  lakePuts: PRICE.lakePut,
}

/** Assumed and not measured here: CPU of a request, and how long a call keeps its journal awake. Both are small beside the rest. */
const CPU_MS = 2
const JOURNAL_SECONDS = 0.015

/** Time between two drains at the rate that is assumed. */
const DRAIN_SECONDS = 30
const EVENTS_PER_SECOND = 100

/**
 * Counts what the collector is billed for, by its own counters, from request to lake.
 *
 * @param {number} port
 * @param {string} adminToken
 */
export async function countOperations(port, adminToken) {
  const call = async (path, method = 'GET') => {
    const headers = { authorization: `Bearer ${adminToken}` }
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers })
    return answer.json()
  }
  console.log(
    `\nBilled operations per million events, at ${EVENTS_PER_SECOND} events a second, one client after the other\n`,
  )
  console.log('| Events a request | Worker requests | Journal calls | Rows written | R2 puts | $ |')
  console.log('|---|---|---|---|---|---|')
  for (const batchSize of [1, 10, 50]) {
    await call('/api/drain', 'POST')
    const before = (await call('/api/stats')).operations
    const events = EVENTS_PER_SECOND * DRAIN_SECONDS
    await sendAll(port, browserRequests(events / batchSize, batchSize), 1)
    await call('/api/drain', 'POST')
    const after = (await call('/api/stats')).operations
    const perMillion = {}
    for (const name of Object.keys(COUNTED)) {
      perMillion[name] = ((after[name] - before[name]) / events) * 1e6
    }
    const { requests, journalCalls, rowsWritten, lakePuts } = perMillion
    console.log(
      `| ${batchSize} | ${[requests, journalCalls, rowsWritten, lakePuts].map((count) => Math.round(count)).join(' | ')} | ${dollars(perMillion).toFixed(2)} |`,
    )
  }
}

function dollars(perMillion) {
  const operations = Object.entries(COUNTED).reduce(
    (sum, [name, price]) => sum + perMillion[name] * price,
    0,
  )
  const cpu = perMillion.requests * CPU_MS * PRICE.workerCpuMs
  const duration = perMillion.journalCalls * JOURNAL_SECONDS * OBJECT_GB * PRICE.objectGbSecond
  return operations + cpu + duration
}
