import type { JsonObject } from '@tributary/protocol'
import { Command } from 'commander'
import { readApi } from '../adapters/collector-api.ts'
import { usageError } from '../cli-error.ts'
import { addConnection, type ConnectionOptions, readConnection } from '../connection.ts'
import { eventLine } from '../core/event-line.ts'
import { paint, printLine } from '../output.ts'

/** What listings of events can be narrowed by. */
export interface EventFilter extends ConnectionOptions {
  source?: string
  type?: string
  userId?: string
  anonymousId?: string
}

interface EventsOptions extends EventFilter {
  messageId?: string
  limit: string
  json?: boolean
}

const PAGE_SIZE = 1000

export function eventsCommand(): Command {
  const command = addFilters(new Command('events'))
    .summary('list stored events')
    .description('Lists stored events, newest first, those of the last moment too.')
    .option('--message-id <id>', 'the event with this id')
    .option('--limit <number>', 'how many at most', '20')
    .option('--json', 'one JSON object a line, as stored')
  return addConnection(command, 'admin')
    .addHelpText(
      'after',
      `
Examples:
  tributary events --user-id u1
  tributary events --type track --limit 5000 --json > events.ndjson`,
    )
    .action(list)
}

/** The filters that `events` and `tail` share. */
export function addFilters(command: Command): Command {
  return command
    .option('--source <id>', 'of this source')
    .option('--type <type>', 'of this call, such as track')
    .option('--user-id <id>', 'of this user')
    .option('--anonymous-id <id>', 'of this device')
}

async function list(options: EventsOptions): Promise<void> {
  const connection = await readConnection(options)
  const { source, type, userId, anonymousId, messageId } = options
  const limit = Number(options.limit)
  if (!Number.isInteger(limit) || limit < 1) {
    throw usageError('invalid_limit', '--limit must be a whole number from 1.')
  }
  let left = limit
  let cursor: string | undefined
  do {
    const page = await readApi<{ events: JsonObject[]; cursor: string | null }>(
      connection,
      '/api/events',
      {
        query: {
          ...{ source, type, userId, anonymousId, messageId, cursor },
          limit: Math.min(left, PAGE_SIZE),
        },
      },
    )
    for (const event of page.events) await printEvent(event, options.json)
    left -= page.events.length
    cursor = page.cursor ?? undefined
  } while (cursor && left > 0)
}

/** One line for one event. */
export async function printEvent(event: JsonObject, asJson: boolean | undefined): Promise<void> {
  if (asJson) return printLine(JSON.stringify(event))
  const { time, type, name, who, details } = eventLine(event)
  await printLine(
    `${paint('gray', time)}  ${paint('cyan', type.padEnd(8))}  ${name.padEnd(24)}  ${paint('green', who)}  ${paint('gray', details)}`.trimEnd(),
  )
}
