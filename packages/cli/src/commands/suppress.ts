import { Command } from 'commander'
import { addConnection, type ConnectionOptions, readConnection } from '../connection.ts'
import { clean } from '../core/event-line.ts'
import { printLine } from '../output.ts'
import { askPrivacy, printReceipt } from '../privacy.ts'

interface SuppressOptions extends ConnectionOptions {
  undo?: boolean
  json?: boolean
}

export function suppressCommand(): Command {
  const command = new Command('suppress')
    .summary('take no more of a person')
    .description(
      'From now on stores no event that carries this identifier; what is stored stays, and events that carry another identifier of the person alone are taken. Waits until that holds, and prints the receipt.',
    )
    .argument('<id>', 'an identifier of the person, such as userId:u1')
    .option('--undo', 'take events of the person again')
    .option('--json', 'print the receipt as JSON')
  return addConnection(command, 'admin')
    .addHelpText(
      'after',
      '\nExamples:\n  tributary suppress userId:u1\n  tributary suppress userId:u1 --undo',
    )
    .action(suppress)
}

async function suppress(id: string, options: SuppressOptions): Promise<void> {
  const connection = await readConnection(options)
  const operation = options.undo ? 'unsuppress' : 'suppress'
  const receipt = await askPrivacy(connection, operation, id)
  if (options.json) await printLine(JSON.stringify(receipt))
  else await printReceipt(`${operation}ed ${clean(id)}`, receipt)
}
