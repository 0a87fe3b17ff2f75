import type { JsonObject } from '@tributary/protocol'
import { Command } from 'commander'
import { readApi } from '../adapters/collector-api.ts'
import { addConnection, type ConnectionOptions, readConnection } from '../connection.ts'
import { clean } from '../core/event-line.ts'
import { paint, printLine } from '../output.ts'

export function whyCommand(): Command {
  const command = new Command('why')
    .summary('why two identifiers are one person, or are not')
    .description(
      'Shows the chain of events that makes two identifiers one person, or the link that was refused and the rule that refused it.',
    )
    .argument('<one>', 'an identifier, such as userId:u1')
    .argument('<other>', 'another')
    .option('--json', 'print it as JSON')
  return addConnection(command, 'admin')
    .addHelpText('after', '\nExamples:\n  tributary why userId:u1 email:ada@example.com')
    .action(explain)
}

async function explain(
  one: string,
  other: string,
  options: ConnectionOptions & { json?: boolean },
): Promise<void> {
  const connection = await readConnection(options)
  const [a, b] = [one, other].map(encodeURIComponent)
  const answer = await readApi<JsonObject>(connection, `/api/profiles/${a}/why/${b}`)
  if (options.json) return printLine(JSON.stringify(answer))
  const { verdict, ...rest } = answer
  await printLine(paint('bold', clean(verdict)))
  for (const [name, value] of Object.entries(rest)) {
    const steps = Array.isArray(value) ? value : [value]
    await printLine(`${name}:`)
    for (const step of steps) await printLine(`  ${clean(step)}`)
  }
}
