import type { ReplayAnswer } from '@tributary/protocol'
import { Command } from 'commander'
import { readApi } from '../adapters/collector-api.ts'
import { EXIT } from '../cli-error.ts'
import { addConnection, type ConnectionOptions, readConnection } from '../connection.ts'
import { printLine, remark } from '../output.ts'

interface ReplayOptions extends ConnectionOptions {
  source?: string
  code?: string
  id?: string[]
  from?: string
  to?: string
  preview?: boolean
  newMessageIds?: boolean
  json?: boolean
}

const MAX_SAMPLES = 20

export function replayCommand(): Command {
  const command = new Command('replay')
    .summary('judge refused events again')
    .description(
      'Judges what is in quarantine by the rules of today, and stores what passes. Repeating it adds nothing.',
    )
    .option('--source <id>', 'of this source')
    .option('--code <code>', 'refused by this code, such as plan_violation')
    .option('--id <ids...>', 'these records')
    .option('--from <time>', 'arrived at or after, ISO 8601')
    .option('--to <time>', 'arrived before, ISO 8601')
    .option('--preview', 'store nothing; show what would be stored')
    .option('--new-message-ids', 'give events of id_conflict ids of their own')
    .option('--json', 'print the result as JSON')
  return addConnection(command, 'admin')
    .addHelpText(
      'after',
      `
Examples:
  tributary replay --code plan_violation --preview
  tributary replay --code plan_violation --from 2026-11-01`,
    )
    .action(run)
}

async function run(options: ReplayOptions): Promise<void> {
  const connection = await readConnection(options)
  const { source, code, id: ids, from, to, preview, newMessageIds, json } = options
  const total = { examined: 0, stored: 0, duplicates: 0, notReplayable: 0 }
  const stillRejected: Record<string, number> = {}
  const samples: object[] = []
  let cursor: string | undefined
  do {
    const body = { source, code, ids, from, to, preview, newMessageIds, cursor }
    const answer = await readApi<ReplayAnswer>(connection, '/api/quarantine/replay', {
      method: 'POST',
      body,
    })
    for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += answer[name]
    for (const [name, count] of Object.entries(answer.stillRejected)) {
      stillRejected[name] = (stillRejected[name] ?? 0) + count
    }
    samples.push(...(answer.samples ?? []).slice(0, MAX_SAMPLES - samples.length))
    cursor = answer.cursor ?? undefined
  } while (cursor)
  const rejected = Object.values(stillRejected).reduce((sum, count) => sum + count, 0)
  if (rejected + total.notReplayable > 0) process.exitCode = EXIT.partly
  if (json) {
    return printLine(JSON.stringify({ ...total, stillRejected, ...(preview && { samples }) }))
  }
  for (const sample of samples) await printLine(JSON.stringify(sample))
  const codes = Object.entries(stillRejected).map(([name, count]) => `${name} ${count}`)
  const still = codes.length > 0 ? ` (${codes.join(', ')})` : ''
  await printLine(
    `${total.examined} records: ${total.stored} events ${preview ? 'would be stored' : 'stored'}, ${total.duplicates} known already, ${rejected} refused again${still}, ${total.notReplayable} not kept whole`,
  )
  if (preview) remark('Nothing was stored.')
}
