import { formatNumber, table } from '../markdown.mjs'
import { fanOut, routeUsers, spreadLoad } from './load.mjs'
import { planFor, planOn, SHARD_COUNTS } from './plan.mjs'
import { accountCeiling, ceilings, endurance, hourlyRate } from './shard.mjs'

const EXPONENTS = [0.8, 1, 1.2]
const BATCHES = [1, 10, 50]
const RATES = [1000, 100_000, 1_000_000]

/** Persons of each source where no rate is given. */
const USERS_PER_SOURCE = 10_000

/**
 * The tables of docs/scale.md.
 *
 * @param collector Its `shardOf` and `shardKey`, and its limits (see `planFor`).
 * @param {{ shardRate: number, exponent: number }} options
 */
export function toMarkdown(collector, { shardRate, exponent }) {
  const routes = routeUsers(collector)
  return [
    `Events a second that one shard takes, at ${shardRate} appends a second, and what that means.`,
    shardTable(collector, shardRate),
    `From ${formatNumber(hourlyRate(collector.FINGERPRINT_CACHE_BYTES))} events a second on, the fingerprints of the current hour are more than the cache is meant for.`,
    `The account of deliveries is kept by one object: ${formatNumber(accountCeiling())} events a second of the browser SDK, at ten a page view.`,
    'The busiest shard as a multiple of the mean, 100 sources with 10,000 persons each.',
    skewTable(routes),
    `Calls of shards that one request of a server makes, whose events are of many persons (Zipf ${exponent}).`,
    fanOutTable(routes, exponent),
    `What a load needs (Zipf ${exponent}), and the dollars a month by list price.`,
    ...RATES.map((rate) => needsTable(routes, collector, rate, { shardRate, exponent })),
    'The smallest of these loads, browsers with batches of 10, on more shards than it needs.',
    choiceTable(routes, collector, { shardRate, exponent }),
  ].join('\n\n')
}

function shardTable({ MAX_BACKLOG_BYTES }, shardRate) {
  const titles = ['by appends', 'by memory', 'lake may be away for', 'fingerprints fill 10 GB in']
  return table(
    titles,
    BATCHES.map((batch) => {
      const { appends, memory } = ceilings(shardRate, batch)
      const { outageSeconds, fullAfterDays } = endurance(
        Math.min(appends, memory),
        MAX_BACKLOG_BYTES,
      )
      return [
        `batches of ${batch}`,
        formatNumber(appends),
        formatNumber(memory),
        formatSeconds(outageSeconds),
        formatDays(fullAfterDays),
      ]
    }),
  )
}

function skewTable(routes) {
  const rows = EXPONENTS.map((exponent) => {
    const loads = SHARD_COUNTS.map((shards) =>
      spreadLoad(routes, { exponent, shards, usersPerSource: USERS_PER_SOURCE }),
    )
    const hottest = `${formatNumber(loads[0].hottestKey * 100)} %`
    return [`Zipf ${exponent}`, ...loads.map(({ peakToMean }) => formatNumber(peakToMean)), hottest]
  })
  return table(
    [...SHARD_COUNTS.map((shards) => `${shards} shards`), 'the busiest person makes'],
    rows,
  )
}

function fanOutTable(routes, exponent) {
  const rows = BATCHES.map((batch) => [
    `batches of ${batch}`,
    ...SHARD_COUNTS.map((shards) =>
      formatNumber(fanOut(routes, { exponent, usersPerSource: USERS_PER_SOURCE, shards, batch })),
    ),
  ])
  return table(
    SHARD_COUNTS.map((shards) => `${shards} shards`),
    rows,
  )
}

function needsTable(routes, limits, eventsPerSecond, options) {
  const kinds = [
    ...BATCHES.map((batch) => ({ batch, isServer: false })),
    { batch: 50, isServer: true },
  ]
  const rows = kinds.map((kind) => [
    `${kind.isServer ? 'servers' : 'browsers'}, ${kind.batch}`,
    planFor(routes, limits, { eventsPerSecond, ...kind, ...options }),
  ])
  return `**${eventsPerSecond.toLocaleString('en')} events a second**\n\n${planTable(rows)}`
}

function choiceTable(routes, limits, options) {
  const load = { eventsPerSecond: 1000, batch: 10, isServer: false, ...options }
  return planTable(
    SHARD_COUNTS.map((shards) => [`${shards} shards`, planOn(routes, limits, load, shards)]),
  )
}

/** @param {[string, object][]} rows Plans and what to call them. */
function planTable(rows) {
  const spent = Object.keys(rows[0][1].dollars)
  const titles = [
    'shards',
    'busiest, events/s',
    'lake away for',
    '10 GB in',
    ...spent.map((name) => `$ ${name}`),
    '$ per million',
  ]
  return table(
    titles,
    rows.map(([name, plan]) => [
      name,
      plan.deployments > 1 ? `${plan.deployments} × ${plan.shards}` : plan.shards,
      `${formatNumber(plan.busiest)} of ${formatNumber(plan.most)} by ${plan.limit}`,
      formatSeconds(plan.outageSeconds),
      formatDays(plan.fullAfterDays),
      ...spent.map((part) => formatNumber(plan.dollars[part])),
      formatNumber(plan.perMillion),
    ]),
  )
}

function formatSeconds(seconds) {
  return seconds < 120 ? `${formatNumber(seconds)} s` : `${formatNumber(seconds / 60)} min`
}

function formatDays(days) {
  return days < 730 ? `${formatNumber(days)} days` : `${formatNumber(days / 365)} years`
}
