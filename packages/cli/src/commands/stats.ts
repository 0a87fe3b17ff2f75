import type { StatsAnswer } from '@tributary/protocol'
import { Command } from 'commander'
import { readApi } from '../adapters/collector-api.ts'
import { addConnection, type ConnectionOptions, readConnection } from '../connection.ts'
import { textTable } from '../core/text-table.ts'
import { paint, printLine } from '../output.ts'

export function statsCommand(): Command {
  const command = new Command('stats')
    .summary('what was taken, refused, lost, and what waits')
    .description(
      'Shows totals by source, losses, the backlog of each shard, and billable operations.',
    )
    .option('--json', 'print all of it as JSON')
  return addConnection(command, 'admin')
    .addHelpText('after', '\nExamples:\n  tributary stats\n  tributary stats --json | jq .sources')
    .action(show)
}

async function show(options: ConnectionOptions & { json?: boolean }): Promise<void> {
  const connection = await readConnection(options)
  const stats = await readApi<StatsAnswer>(connection, '/api/stats')
  if (options.json) return printLine(JSON.stringify(stats))
  const sources = Object.entries(stats.sources).map(
    ([id, { accepted, duplicates, quarantined }]) => {
      const { created = 0, missing = 0 } = stats.deliveries[id] ?? {}
      const refused = Object.entries(quarantined).map(([code, count]) => `${code} ${count}`)
      return [id, ...[accepted, duplicates, created, missing].map(String), refused.join(', ')]
    },
  )
  const headings = [
    'source',
    'accepted',
    'duplicates',
    'counted by clients',
    'missing',
    'quarantined',
  ]
  await printTable(headings, sources)
  await printTable(
    ['shard', 'rows waiting', 'bytes', 'oldest, s', 'set aside'],
    stats.shards.map(({ shard, backlogRows, backlogBytes, oldestAgeMs, setAsideRows }) =>
      [
        shard,
        backlogRows,
        backlogBytes,
        oldestAgeMs === null ? '' : Math.round(oldestAgeMs / 1000),
        setAsideRows,
      ].map(String),
    ),
  )
  await printTable(
    ['billable operation', 'count'],
    Object.entries(stats.operations).map(([kind, count]) => [kind, String(count)]),
  )
}

async function printTable(headings: string[], rows: string[][]): Promise<void> {
  const [heading = '', rule = '', ...lines] = textTable(headings, rows)
  await printLine([paint('bold', heading), paint('gray', rule), ...lines, ''].join('\n'))
}
