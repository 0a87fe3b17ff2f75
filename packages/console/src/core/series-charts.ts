import type { SeriesAnswer, SeriesRange } from '@tributary/protocol'
import { formatBytes, formatCount, formatDollars, formatSpan } from './format.ts'

export const RANGES = ['hour', 'day', 'month'] as const satisfies readonly SeriesRange[]

/** One line of a chart; `null` where there is nothing to tell. */
interface Line {
  label: string
  values: (number | null)[]
}

/** A chart, and what it comes to in words. */
export interface Chart {
  title: string
  summary: string
  lines: Line[]
  format: (value: number) => string
}

/**
 * List prices of November 2026 in dollars a million, without what a plan includes. CPU and time of journals are not
 * counted by the collector (docs/operations.md, "What it costs").
 */
const PRICES: Readonly<Record<string, number>> = {
  requests: 0.3,
  journalCalls: 0.15,
  rowsWritten: 1,
  lakePuts: 4.5,
  compactionA: 4.5,
  compactionB: 0.36,
}

/** The charts of the delivery page, in their order. */
export function chartsOf(series: SeriesAnswer): Chart[] {
  const perMinute = 60_000 / series.stepMs
  return [
    rateChart('Events per minute by source', series.accepted, perMinute),
    rateChart('Events per minute by type', series.types, perMinute),
    latencyChart(series),
    refusedChart(series),
    missingChart(series),
    backlogChart(series),
    costChart(series),
  ]
}

function rateChart(title: string, lists: Record<string, number[]>, perMinute: number): Chart {
  const lines = Object.entries(lists).map(([label, values]) => ({
    label,
    values: values.map((count) => count * perMinute),
  }))
  const all = Object.values(lists).reduce((total, values) => total + sum(values), 0)
  const format = (value: number) => formatCount(Math.round(value * 100) / 100)
  return { title, summary: `${formatCount(all)} events`, lines, format }
}

function latencyChart({ latency }: SeriesAnswer): Chart {
  const worst = Math.max(-1, ...latency.p95.map((value) => value ?? -1))
  return {
    title: 'From arrival to durable',
    summary: worst < 0 ? 'no requests' : `95 % within ${formatSpan(worst)} at worst`,
    lines: [
      { label: 'half within', values: latency.p50 },
      { label: '95 % within', values: latency.p95 },
    ],
    format: formatSpan,
  }
}

function refusedChart({ duplicates, rejected }: SeriesAnswer): Chart {
  const codes = Object.entries(rejected).map(([label, values]) => ({ label, values }))
  const refused = codes.reduce((total, { values }) => total + sum(values), 0)
  return {
    title: 'Duplicates and refusals',
    summary: `${formatCount(sum(duplicates))} duplicates, ${formatCount(refused)} refused`,
    lines: [{ label: 'duplicate', values: duplicates }, ...codes],
    format: formatCount,
  }
}

function missingChart({ created, received }: SeriesAnswer): Chart {
  let missing = 0
  const values = created.map((count, index) => {
    missing += count - (received[index] ?? 0)
    return missing
  })
  return {
    title: 'Missing since the beginning of the range',
    summary: `${formatCount(missing)} of ${formatCount(sum(created))} counted events, lost or on their way`,
    lines: [{ label: 'missing', values }],
    format: formatCount,
  }
}

function backlogChart({ backlog }: SeriesAnswer): Chart {
  const lines = Object.entries(backlog).map(([shard, values]) => ({
    label: `shard ${shard}`,
    values,
  }))
  const most = Math.max(0, ...lines.flatMap(({ values }) => values))
  return {
    title: 'Waiting for the lake',
    summary: `${formatBytes(most)} at most in one journal`,
    lines,
    format: formatBytes,
  }
}

function costChart({ operations, times }: SeriesAnswer): Chart {
  let dollars = 0
  const values = times.map((_, index) => {
    for (const [kind, counts] of Object.entries(operations)) {
      dollars += ((counts[index] ?? 0) * (PRICES[kind] ?? 0)) / 1e6
    }
    return dollars
  })
  return {
    title: 'Cost of operations so far',
    summary: `${formatDollars(dollars)} by list price`,
    lines: [{ label: 'dollars', values }],
    format: formatDollars,
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
