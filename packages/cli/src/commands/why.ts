import { Command } from 'commander'
import { readApi } from '../adapters/collector-api.ts'
import { addConnection, type ConnectionOptions, readConnection } from '../connection.ts'
import { type Explanation, explainLines } from '../core/explain-lines.ts'
import { printLine } from '../output.ts'

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
  const answer = await readApi<Explanation>(connection, `/api/profiles/${a}/why/${b}`)
  if (options.json) return printLine(JSON.stringify(answer))
  for (const line of explainLines(answer)) await printLine(line)
}
