import type { Context } from 'hono'
import { errorAnswer } from '../answers.ts'
import type { ResolvedConfig } from '../config.ts'
import { readCursor } from '../core/record.ts'
import type { CollectorEnv } from '../env.ts'
import { MAX_CATCH_UP_EVENTS } from '../limits.ts'
import { followEvents, startLive } from '../live-events.ts'
import { readQuery } from './query.ts'

/** `GET /api/events/live`: server-sent events, each stored event that matches, from now on or after a cursor. */
export async function live(
  context: Context<{ Bindings: CollectorEnv }>,
  config: ResolvedConfig,
): Promise<Response> {
  const query = readQuery(context, ['source', 'type', 'userId', 'anonymousId', 'cursor'])
  if (!query.ok) return errorAnswer(400, query.error.code, query.error.message)
  const { cursor, ...filter } = query.value
  // The header is from a client that connects again to the same address, and so the later of the two.
  const last = context.req.header('last-event-id') ?? cursor
  const since = last === undefined ? undefined : readCursor(last)
  if (last !== undefined && !since) {
    return errorAnswer(400, 'invalid_cursor', 'The cursor is not one that this API gave.')
  }
  const start = await startLive(context.env, config.shards, filter, since)
  if (!start) {
    const message = `More than ${MAX_CATCH_UP_EVENTS} events came after the cursor. Read them from /api/events/export.`
    return errorAnswer(400, 'cursor_too_old', message)
  }
  const gone = new AbortController()
  const { signal } = gone
  const messages = followEvents(context.env, config.shards, filter, start, sleep, signal)
  return new Response(toStream(messages, gone), {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
  })
}

/** A stream that asks for the next text only when somebody has read the last, and ends the source when they go. */
function toStream(
  texts: AsyncGenerator<string>,
  gone: AbortController,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await texts.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    cancel() {
      gone.abort()
    },
  })
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
