import type { MetricFamily } from './core/prometheus.ts'
import type { CollectorStats } from './sum-stats.ts'

/** The statistics as families of metrics. Another figure is one more entry here. */
export function toMetrics(stats: CollectorStats): MetricFamily[] {
  return [
    ...sourceMetrics(stats),
    ...deliveryMetrics(stats),
    ...shardMetrics(stats),
    ...profileMetrics(stats),
    ...operationMetrics(stats),
  ]
}

function sourceMetrics({ sources }: CollectorStats): MetricFamily[] {
  const bySource = Object.entries(sources)
  return [
    {
      name: 'tributary_events_accepted_total',
      type: 'counter',
      help: 'Events stored, each counted once.',
      samples: bySource.map(([source, { accepted }]) => ({ labels: { source }, value: accepted })),
    },
    {
      name: 'tributary_events_suppressed_total',
      type: 'counter',
      help: 'Events of people who objected, acknowledged and not stored.',
      samples: bySource.map(([source, { suppressed }]) => ({
        labels: { source },
        value: suppressed ?? 0,
      })),
    },
    {
      name: 'tributary_events_duplicate_total',
      type: 'counter',
      help: 'Deliveries of events that were stored already.',
      samples: bySource.map(([source, { duplicates }]) => ({
        labels: { source },
        value: duplicates,
      })),
    },
    {
      name: 'tributary_events_quarantined_total',
      type: 'counter',
      help: 'Refused events and bodies kept in quarantine, by the code of the refusal.',
      samples: bySource.flatMap(([source, { quarantined }]) =>
        Object.entries(quarantined).map(([code, value]) => ({ labels: { source, code }, value })),
      ),
    },
  ]
}

function deliveryMetrics({ deliveries }: CollectorStats): MetricFamily[] {
  const bySource = Object.entries(deliveries)
  return [
    {
      name: 'tributary_delivery_created_total',
      type: 'counter',
      help: 'Events that clients which number their events have made, as far as they have told.',
      samples: bySource.map(([source, { created }]) => ({ labels: { source }, value: created })),
    },
    {
      name: 'tributary_delivery_received_total',
      type: 'counter',
      help: 'Of the events that clients have made, those that have arrived, each counted once.',
      samples: bySource.map(([source, { received }]) => ({ labels: { source }, value: received })),
    },
    {
      name: 'tributary_delivery_missing',
      type: 'gauge',
      help: 'Events that clients have made and that have not arrived: still on their way, or lost.',
      samples: bySource.map(([source, { created, received }]) => ({
        labels: { source },
        value: created - received,
      })),
    },
  ]
}

function shardMetrics({ shards }: CollectorStats): MetricFamily[] {
  const gauge = (
    name: string,
    help: string,
    read: (shard: CollectorStats['shards'][number]) => number,
  ): MetricFamily => ({
    name,
    type: 'gauge',
    help,
    samples: shards.map((shard) => ({
      labels: { shard: String(shard.shard) },
      value: read(shard),
    })),
  })
  return [
    gauge(
      'tributary_backlog_rows',
      'Journal rows that are not in the lake yet.',
      ({ backlogRows }) => backlogRows,
    ),
    gauge(
      'tributary_backlog_bytes',
      'Size of the records that are not in the lake yet.',
      ({ backlogBytes }) => backlogBytes,
    ),
    gauge(
      'tributary_backlog_oldest_age_seconds',
      'Age of the oldest record that is not in the lake yet; 0 when none is waiting.',
      ({ oldestAgeMs }) => (oldestAgeMs ?? 0) / 1000,
    ),
    gauge(
      'tributary_backlog_set_aside_rows',
      'Journal rows that could not be written into the lake.',
      ({ setAsideRows }) => setAsideRows,
    ),
    gauge(
      'tributary_profiles_backlog_rows',
      'Journal rows that the profiles do not have yet.',
      ({ unprofiledRows }) => unprofiledRows,
    ),
    gauge(
      'tributary_profiles_owed_days',
      'Days of the lake that the profiles have to read, for rows that did not wait for them.',
      ({ unprofiledDays }) => unprofiledDays,
    ),
  ]
}

function profileMetrics({ profiles }: CollectorStats): MetricFamily[] {
  return [
    {
      name: 'tributary_profiles_events_total',
      type: 'counter',
      help: 'Events that the profiles have taken in.',
      samples: profiles.map(({ shard, events }) => ({
        labels: { shard: String(shard) },
        value: events,
      })),
    },
    {
      name: 'tributary_profiles_outgoing_rows',
      type: 'gauge',
      help: 'Messages between shards of profiles that have not arrived.',
      samples: profiles.map(({ shard, outgoingRows }) => ({
        labels: { shard: String(shard) },
        value: outgoingRows,
      })),
    },
  ]
}

function operationMetrics({ operations }: CollectorStats): MetricFamily[] {
  return [
    {
      name: 'tributary_billable_operations_total',
      type: 'counter',
      help: 'Operations that the platform bills, by kind.',
      samples: Object.entries(operations).map(([kind, value]) => ({ labels: { kind }, value })),
    },
  ]
}
