import { setTimeout as sleep } from 'node:timers/promises'
import type { JsonObject } from '@tributary/protocol'
import { Command } from 'commander'
import { callApi } from '../adapters/collector-api.ts'
import { CliError } from '../cli-error.ts'
import { addConnection, type Connection, readConnection } from '../connection.ts'
import { createServerSentReader } from '../core/server-sent.ts'
import { remark } from '../output.ts'
import { addFilters, type EventFilter, printEvent } from './events.ts'

interface TailOptions extends EventFilter {
  json?: boolean
}

/** Between a stream that has ended and the next one; the collector asks for as much. */
const RECONNECT_MS = 1000

export function tailCommand(): Command {
  const command = addFilters(new Command('tail'))
    .summary('show events as they are stored')
    .description(
      'Shows events as they are stored, none left out, until Ctrl-C. Where the connection breaks, it goes on with the event after the last one shown.',
    )
    .option('--json', 'one JSON object a line, as stored')
  return addConnection(command, 'admin')
    .addHelpText(
      'after',
      `
Examples:
  tributary tail
  tributary tail --type track --json | jq .event`,
    )
    .action(tail)
}

async function tail(options: TailOptions): Promise<void> {
  const connection = await readConnection(options)
  let last: string | undefined
  let isFirst = true
  for (;;) {
    try {
      last = await follow(connection, options, last)
      isFirst = false
    } catch (error) {
      // At the start it is a mistake of ours; later the collector is restarting, and will be back.
      const isGone = !(error instanceof CliError) || error.code === 'unreachable'
      if (isFirst || !isGone) throw error
    }
    await sleep(RECONNECT_MS)
  }
}

/** Follows one stream to its end; gives the id of the last event shown. */
async function follow(
  connection: Connection,
  { source, type, userId, anonymousId, json }: TailOptions,
  last: string | undefined,
): Promise<string | undefined> {
  const response = await callApi(connection, '/api/events/live', {
    query: { source, type, userId, anonymousId, cursor: last },
  })
  if (last === undefined && process.stderr.isTTY)
    remark(`Waiting for events at ${connection.endpoint} …`)
  const read = createServerSentReader()
  const decoder = new TextDecoder()
  let shown = last
  try {
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      for (const { id, data } of read(decoder.decode(chunk, { stream: true }))) {
        await printEvent(JSON.parse(data) as JsonObject, json)
        shown = id ?? shown
      }
    }
  } catch {
    // It broke off in the middle; the caller connects again.
  }
  return shown
}
