import { randomUUID } from 'node:crypto'
import { EVENT_TYPES, type JsonObject, parseEvent } from '@tributary/protocol'
import { Argument, Command } from 'commander'
import { ingest } from '../adapters/ingest.ts'
import { CliError, usageError } from '../cli-error.ts'
import { addConnection, type ConnectionOptions, readConnection } from '../connection.ts'
import { readJsonObject } from '../core/read-json-object.ts'
import { printLine } from '../output.ts'

interface SendOptions extends ConnectionOptions {
  userId?: string
  anonymousId?: string
  groupId?: string
  previousId?: string
  messageId?: string
  timestamp?: string
  properties?: string
  traits?: string
  context?: string
  json?: boolean
}

const OBJECTS = ['properties', 'traits', 'context'] as const
const TEXTS = ['userId', 'anonymousId', 'groupId', 'previousId', 'timestamp'] as const

/** A person at a terminal does not wait for longer. */
const PATIENCE_MS = 10_000

export function sendCommand(): Command {
  const command = new Command('send')
    .summary('send one event')
    .description('Sends one event and tells what became of it.')
    .addArgument(new Argument('<type>', 'the call').choices(EVENT_TYPES))
    .argument('[name]', 'name of a track event, a page or a screen')
    .option('--user-id <id>', 'the person')
    .option('--anonymous-id <id>', 'the device; made up where neither is given')
    .option('--group-id <id>', 'the group, for group')
    .option('--previous-id <id>', 'the former id, for alias')
    .option('--message-id <id>', 'id of the event; made up where none is given')
    .option('--timestamp <time>', 'when it happened, ISO 8601; now')
    .option('--properties <json>', 'an object, for track, page and screen')
    .option('--traits <json>', 'an object, for identify and group')
    .option('--context <json>', 'an object')
    .option('--json', 'print the verdict as JSON')
  return addConnection(command, 'write')
    .addHelpText(
      'after',
      `
Examples:
  tributary send track "Order Completed" --user-id u1 --properties '{"total": 49.9}'
  tributary send identify --user-id u1 --traits '{"email": "ada@example.com"}'`,
    )
    .action(send)
}

async function send(type: string, name: string | undefined, options: SendOptions): Promise<void> {
  const connection = await readConnection(options)
  const event = buildEvent(type, name, options)
  const parsed = parseEvent(event)
  if (!parsed.ok) throw usageError(parsed.error.code, parsed.error.message)
  const messageId = event.messageId as string
  const text = JSON.stringify(event)
  const verdict = (await ingest(connection, [{ messageId, text }], PATIENCE_MS)).get(messageId)
  if (verdict?.status === 'rejected') {
    const message = verdict.message ?? 'The collector has refused the event; it is in quarantine.'
    throw new CliError(verdict.code ?? 'rejected', message)
  }
  await printLine(
    options.json ? JSON.stringify({ messageId, ...verdict }) : `${verdict?.status} ${messageId}`,
  )
}

function buildEvent(type: string, name: string | undefined, options: SendOptions): JsonObject {
  const event: JsonObject = { messageId: options.messageId ?? randomUUID(), type }
  if (name !== undefined) event[type === 'track' ? 'event' : 'name'] = name
  for (const field of TEXTS) if (options[field] !== undefined) event[field] = options[field]
  if (event.userId === undefined && event.anonymousId === undefined) {
    event.anonymousId = `cli-${randomUUID()}`
  }
  event.timestamp ??= new Date().toISOString()
  for (const field of OBJECTS) {
    const text = options[field]
    if (text === undefined) continue
    const value = readJsonObject(text)
    if (!value) {
      throw usageError('invalid_json', `--${field} must be a JSON object, such as {"total": 49.9}.`)
    }
    event[field] = value
  }
  return event
}
