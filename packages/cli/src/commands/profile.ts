import type { JsonObject } from '@tributary/protocol'
import { Command } from 'commander'
import { readApi } from '../adapters/collector-api.ts'
import { addConnection, type ConnectionOptions, readConnection } from '../connection.ts'
import { clean } from '../core/event-line.ts'
import { paint, printLine } from '../output.ts'
import { printEvent } from './events.ts'

interface ProfileOptions extends ConnectionOptions {
  events?: boolean
  json?: boolean
}

export function profileCommand(): Command {
  const command = new Command('profile')
    .summary('show a person')
    .description(
      'Shows the profile of a person: identifiers, traits, and how many events there are.',
    )
    .argument('<id>', 'an identifier of the person, such as userId:u1 or email:ada@example.com')
    .option('--events', 'the last events of the person over all identifiers, too')
    .option('--json', 'print it as JSON, and events one a line')
  return addConnection(command, 'admin')
    .addHelpText(
      'after',
      '\nExamples:\n  tributary profile userId:u1\n  tributary profile email:ada@example.com --events --json',
    )
    .action(show)
}

async function show(id: string, options: ProfileOptions): Promise<void> {
  const connection = await readConnection(options)
  const path = `/api/profiles/${encodeURIComponent(id)}`
  const profile = await readApi<JsonObject>(connection, path)
  if (options.json) await printLine(JSON.stringify(profile))
  else await printProfile(profile)
  if (!options.events) return
  const { events } = await readApi<{ events: JsonObject[] }>(connection, `${path}/events`)
  for (const event of events) await printEvent(event, options.json)
}

/** One line for each field; objects, such as traits, one for each of theirs. */
async function printProfile(profile: JsonObject): Promise<void> {
  for (const [name, value] of Object.entries(profile)) {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (!isObject) await printLine(`${paint('bold', name.padEnd(14))}${clean(value)}`)
    else {
      await printLine(paint('bold', name))
      for (const [key, member] of Object.entries(value)) {
        await printLine(`  ${clean(key).padEnd(20)} ${clean(member)}`)
      }
    }
  }
}
