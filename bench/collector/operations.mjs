import { sendAll } from './load.mjs'
import { browserRequests } from './requests.mjs'

/** List prices in dollars (Cloudflare, November 2026): what the platform bills for each operation. */
const PRICES = {
  requests: 0.3e-6,
  journalCalls: 0.15e-6,
  rowsWritten: 1e-6,
  lakePuts: 4.5e-6,
}

/** CPU of a request and time that a journal spends on a call, as `facts` of a deployment: not measured here, and small. */
const CPU_MS = 2
const CPU_PRICE_MS = 0.02e-6
const JOURNAL_MS = 15
const GB_SECOND_PRICE = 12.5e-6

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
    for (const name of Object.keys(PRICES)) {
      perMillion[name] = ((after[name] - before[name]) / events) * 1e6
    }
    const { requests, journalCalls, rowsWritten, lakePuts } = perMillion
    console.log(
      `| ${batchSize} | ${[requests, journalCalls, rowsWritten, lakePuts].map((count) => Math.round(count)).join(' | ')} | ${dollars(perMillion).toFixed(2)} |`,
    )
  }
}

function dollars(perMillion) {
  const operations = Object.entries(PRICES).reduce(
    (sum, [name, price]) => sum + perMillion[name] * price,
    0,
  )
  const cpu = perMillion.requests * CPU_MS * CPU_PRICE_MS
  const duration = perMillion.journalCalls * (JOURNAL_MS / 1000) * 0.128 * GB_SECOND_PRICE
  return operations + cpu + duration
}
