import { reset } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { afterEach, expect, test } from 'vitest'
import type { CollectorEnv } from './env.ts'

const { LAKE } = env as unknown as CollectorEnv
const worker = (exports as unknown as { default: Fetcher }).default
const HOST = 'https://collector.example'
const ADMIN = { authorization: 'Bearer at_test_token' }

/** Streams that a test has left open. */
const open: { cancel(): Promise<void> }[] = []

afterEach(async () => {
  for (const stream of open.splice(0)) await stream.cancel()
  await reset()
  for (const { key } of (await LAKE.list()).objects) await LAKE.delete(key)
})

function send(...ids: string[]) {
  const batch = ids.map((messageId, index) => ({
    type: index % 2 === 0 ? 'track' : 'page',
    event: 'E',
    userId: `u-${messageId}`,
    messageId,
  }))
  const body = JSON.stringify({ writeKey: 'wk_open', batch })
  return worker.fetch(`${HOST}/v1/batch`, { method: 'POST', body })
}

function drain() {
  return worker.fetch(`${HOST}/api/drain`, { method: 'POST', headers: ADMIN })
}

async function journalCalls() {
  const answer = await worker.fetch(`${HOST}/api/stats`, { headers: ADMIN })
  const { operations } = (await answer.json()) as { operations: { journalCalls: number } }
  return operations.journalCalls
}

/** A message of the stream. */
interface Message {
  id: string
  event: { messageId: string; type: string }
}

async function follow(query = '', headers: Record<string, string> = {}) {
  const response = await worker.fetch(`${HOST}/api/events/live${query}`, {
    headers: { ...ADMIN, ...headers },
  })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const decoder = new TextDecoder()
  let text = ''
  open.push(reader)
  return {
    cancel: () => reader.cancel(),
    /** Reads until there are so many messages. */
    async next(count: number): Promise<Message[]> {
      const messages: Message[] = []
      while (messages.length < count) {
        const end = text.indexOf('\n\n')
        if (end === -1) {
          const { value, done } = await reader.read()
          if (done) throw new Error('The stream has ended.')
          text += decoder.decode(value, { stream: true })
          continue
        }
        const [, id, data] = /^id: (.*)\ndata: (.*)$/.exec(text.slice(0, end)) ?? []
        if (id !== undefined) messages.push({ id, event: JSON.parse(data as string) })
        text = text.slice(end + 2)
      }
      return messages
    },
  }
}

function idsOf(messages: Message[]) {
  return messages.map(({ event }) => event.messageId).sort()
}

test('a live stream begins with what arrives from now on, and a drain takes nothing from it', async () => {
  await send('before')
  const stream = await follow()
  await send('a', 'b')
  await drain()
  await send('c')
  expect(idsOf(await stream.next(3))).toEqual(['a', 'b', 'c'])
  await send('d')
  await drain()
  expect(idsOf(await stream.next(1))).toEqual(['d'])
})

test('it has only what matches the filter', async () => {
  const stream = await follow('?type=page&source=open')
  await send('a', 'b', 'c', 'd')
  expect(idsOf(await stream.next(2))).toEqual(['b', 'd'])
})

test.for(['header', 'query'])(
  'it goes on after a cursor in the %s, from lake and journal',
  async (place) => {
    const first = await follow()
    for (const id of ['a', 'b']) {
      await send(id)
      await first.next(0)
    }
    const [a] = await first.next(1)
    const cursor = a?.id as string
    await first.cancel()
    await drain()
    await send('c')
    const second =
      place === 'header'
        ? await follow('', { 'last-event-id': cursor })
        : await follow(`?cursor=${cursor}`)
    await send('d')
    expect((await second.next(3)).map(({ event }) => event.messageId)).toEqual(['b', 'c', 'd'])
  },
)

test('an event that arrives while it catches up is told once', async () => {
  const first = await follow()
  await send('a')
  const [a] = await first.next(1)
  const starting = follow('', { 'last-event-id': a?.id as string })
  await Promise.all([send('b'), send('c'), send('d')])
  const stream = await starting
  await send('e')
  expect(idsOf(await stream.next(4))).toEqual(['b', 'c', 'd', 'e'])
})

test('when the client goes away, the journals are asked no more', async () => {
  const stream = await follow()
  await send('a')
  await stream.next(1)
  await stream.cancel()
  await new Promise((resolve) => setTimeout(resolve, 500))
  const before = await journalCalls()
  await new Promise((resolve) => setTimeout(resolve, 1500))
  // Two journals, asked twice by a question; somebody who watches asks them ten times in the meantime.
  expect((await journalCalls()) - before).toBeLessThanOrEqual(4)
})

test.for([
  ['?cursor=nonsense', {}, 'invalid_cursor'],
  ['', { 'last-event-id': 'nonsense' }, 'invalid_cursor'],
  ['?limit=5', {}, 'unknown_parameter'],
] as const)('%s %j is refused as %s', async ([query, headers, code]) => {
  const response = await worker.fetch(`${HOST}/api/events/live${query}`, {
    headers: { ...ADMIN, ...headers },
  })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ code })
})

test('it is not to be had without the admin token', async () => {
  expect((await worker.fetch(`${HOST}/api/events/live`)).status).toBe(401)
})
