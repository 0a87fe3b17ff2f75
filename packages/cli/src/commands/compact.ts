import { Command } from 'commander'
import { readApi } from '../adapters/collector-api.ts'
import { createProgress } from '../adapters/progress.ts'
import { usageError } from '../cli-error.ts'
import { addConnection, type ConnectionOptions, readConnection } from '../connection.ts'
import { readDay } from '../core/days.ts'
import { printLine } from '../output.ts'

interface CompactOptions extends ConnectionOptions {
  source?: string
  date?: string
  graceSeconds?: string
  json?: boolean
}

const SUMS = [
  'partsWritten',
  'objectsCompacted',
  'events',
  'objectsDeleted',
  'lakeWrites',
  'lakeReads',
] as const

type CompactAnswer = Record<(typeof SUMS)[number], number> & { more: boolean }

export function compactCommand(): Command {
  const command = new Command('compact')
    .summary('turn days of the lake into Parquet')
    .description(
      'Turns days of the lake into Parquet, which the cron does for the last three by itself: all closed days, or one.',
    )
    .option('--source <id>', 'of this source; all')
    .option('--date <date>', 'this day of arrival (UTC), which need not be over')
    .option('--grace-seconds <number>', 'how long what was replaced is left to readers (3600)')
    .option('--json', 'print what was done as JSON')
  return addConnection(command, 'admin')
    .addHelpText('after', '\nExamples:\n  tributary compact\n  tributary compact --date 2026-01-31')
    .action(run)
}

async function run(options: CompactOptions): Promise<void> {
  const { source, date, graceSeconds, json } = options
  const day = date === undefined ? undefined : readDay(date, '--date')
  if (day && !day.ok) throw usageError(day.error.code, day.error.message)
  const connection = await readConnection(options)
  const progress = createProgress()
  const total = Object.fromEntries(SUMS.map((name) => [name, 0])) as Record<
    (typeof SUMS)[number],
    number
  >
  let more = true
  try {
    while (more) {
      const answer = await readApi<CompactAnswer>(connection, '/api/compact', {
        method: 'POST',
        query: { source, date, graceSeconds },
      })
      for (const name of SUMS) total[name] += answer[name]
      more = answer.more
      // The collector does not tell how much is left.
      progress.show(more ? 0 : 1, `${total.events} events in ${total.partsWritten} files`)
    }
  } finally {
    progress.end()
  }
  await printLine(
    json
      ? JSON.stringify(total)
      : `${total.events} events of ${total.objectsCompacted} files are in ${total.partsWritten} Parquet files; ${total.objectsDeleted} replaced files deleted`,
  )
}
