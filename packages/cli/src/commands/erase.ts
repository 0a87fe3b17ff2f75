import { Command } from 'commander'
import { askTerminal } from '../ask-terminal.ts'
import { usageError } from '../cli-error.ts'
import { addConnection, type ConnectionOptions, readConnection } from '../connection.ts'
import { clean } from '../core/event-line.ts'
import { printLine, remark } from '../output.ts'
import { askPrivacy, printReceipt } from '../privacy.ts'

interface EraseOptions extends ConnectionOptions {
  yes?: boolean
  json?: boolean
}

export function eraseCommand(): Command {
  const command = new Command('erase')
    .summary('erase a person')
    .description(
      'Erases a person with all identifiers from profiles, journals and lake, for good; of what they did up to now, late arrivals stay out, too. Waits until it is done, and prints the receipt.',
    )
    .argument('<id>', 'an identifier of the person, such as userId:u1 or email:ada@example.com')
    .option('--yes', 'ask nothing; needed where there is no terminal')
    .option('--json', 'print the receipt as JSON')
  return addConnection(command, 'admin')
    .addHelpText(
      'after',
      '\nExamples:\n  tributary erase email:ada@example.com\n  tributary erase userId:u1 --yes --json',
    )
    .action(erase)
}

async function erase(id: string, options: EraseOptions): Promise<void> {
  const connection = await readConnection(options)
  if (!options.yes) await confirm(id, connection.endpoint)
  const receipt = await askPrivacy(connection, 'erase', id)
  if (options.json) await printLine(JSON.stringify(receipt))
  else await printReceipt(`erased ${clean(id)}`, receipt)
  if (receipt.counts.events === 0) {
    remark(`No event was stored of ${clean(id)}. Is it written as it was sent?`)
  }
}

async function confirm(id: string, endpoint: string): Promise<void> {
  if (!process.stdin.isTTY) {
    throw usageError(
      'not_confirmed',
      'An erasure cannot be undone: say --yes where nobody can be asked.',
    )
  }
  const question = `Erase ${clean(id)} at ${endpoint} for good? Type the identifier again: `
  if ((await askTerminal(question)) !== id) throw usageError('not_confirmed', 'Nothing was erased.')
}
