import { Analytics } from '@segment/analytics-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Collector,
  callApi,
  exportEvents,
  freePort,
  newFolder,
  removeFolder,
  startCollector,
  WRITE_KEY,
  waitForEvents,
} from '../collector.ts'
import { MOBILE_SHAPES } from './mobile-shapes.ts'
import { type RawRequest, sendRaw } from './raw-request.ts'
import { SERVER_SHAPES } from './server-shapes.ts'
import { makeCalls, type Shape } from './shape.ts'

let folder: string
let port: number
let collector: Collector

beforeAll(async () => {
  folder = newFolder()
  port = await freePort()
  collector = await startCollector(port, folder)
})

afterAll(async () => {
  await collector?.kill().catch(() => undefined)
  removeFolder(folder)
})

const SHAPES = [...SERVER_SHAPES, ...MOBILE_SHAPES]

/** Segment's Go library tries ten times whatever it is told. */
const afterRefusal = ({ name }: Shape) => (name.includes(' Go ') ? 'again' : 'drop')

const sendsHeader = ({ headers }: RawRequest) => headers.some(([name]) => name === 'Authorization')

/** The newest record of a code. */
async function lastRefused(code: string): Promise<unknown> {
  const response = await callApi(collector.url, `/api/quarantine?code=${code}&limit=1`)
  const { quarantine } = (await response.json()) as { quarantine: { payload: unknown }[] }
  return quarantine[0]?.payload
}

test.for(SHAPES)('$name gives up when its write key is unknown', async (shape) => {
  const request = shape.request(makeCalls('stranger', 'wk_unknown'), new Date())
  const answer = await sendRaw(collector.url, request)
  // In legacy mode, Swift tries everything but a 400 again for ever; it has its key in the body, as all apps do.
  expect(answer.status).toBe(sendsHeader(request) ? 401 : 400)
  expect(JSON.parse(answer.text)).toMatchObject({ success: false, code: 'unknown_write_key' })
  expect(shape.judge(answer)).toBe(afterRefusal(shape))
})

test.for(SHAPES)('$name gives up on a body that was cut short', async (shape) => {
  const { body, ...request } = shape.request(makeCalls(`${shape.name} cut short`), new Date())
  const cut = (body as Buffer).subarray(0, -20)
  const answer = await sendRaw(collector.url, { ...request, body: cut })
  const isGzip = (body as Buffer)[0] === 0x1f
  const code = isGzip ? 'invalid_compression' : 'invalid_json'
  expect(answer.status).toBe(400)
  expect(JSON.parse(answer.text)).toEqual({
    success: false,
    code,
    message: expect.any(String),
    error: expect.any(String),
  })
  // A key that stood in the body is cut off with it, so that nobody knows whose this is.
  if (sendsHeader(request)) {
    const kept = await lastRefused(code)
    expect(isGzip ? typeof kept : kept).toBe(isGzip ? 'string' : cut.toString('utf8'))
  }
  expect(shape.judge(answer)).toBe(afterRefusal(shape))
})

test.for(SHAPES)('$name is done when an event of its batch is refused', async (shape) => {
  const made = makeCalls('half refused')
  const answer = await sendRaw(collector.url, shape.request({ ...made, event: '' }, new Date()))
  expect(answer.status).toBe(200)
  expect(shape.judge(answer)).toBe('done')
  expect(await lastRefused('missing_event_name')).toMatchObject({
    messageId: made.messageIds[0],
    event: '',
  })
  const stored = (await exportEvents(collector.url)).map(({ messageId }) => messageId)
  expect(stored).toContain(made.messageIds[1])
  expect(stored).not.toContain(made.messageIds[0])
})

test.for(SHAPES.filter(({ settingsRequest }) => settingsRequest))(
  '$name gets its settings with exactly 200, and 404 for an unknown key',
  async (shape) => {
    const request = shape.settingsRequest as RawRequest
    const answer = await sendRaw(collector.url, request)
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
    const unknown = await sendRaw(collector.url, {
      ...request,
      path: '/v1/projects/wk_unknown/settings',
    })
    expect(unknown.status).toBe(404)
  },
)

test('takes the largest batch that Segment lets its clients send', async () => {
  const event = { type: 'track', event: 'Large', userId: 'large', properties: { pad: '' } }
  event.properties.pad = 'x'.repeat(32 * 1024 - JSON.stringify(event).length)
  const batch = Array.from({ length: 15 }, (_, index) => ({
    ...event,
    messageId: `large ${index}`,
  }))
  const body = Buffer.from(JSON.stringify({ batch }))
  expect(body.length).toBeGreaterThan(480 * 1024)
  const [shape] = SERVER_SHAPES.filter(({ name }) => name.includes('Ruby'))
  const { headers, path } = (shape as Shape).request(makeCalls('large'), new Date())
  const answer = await sendRaw(collector.url, { method: 'POST', path, headers, body })
  expect(answer.status).toBe(200)
  const isLarge = ({ userId }: { userId?: string }) => userId === 'large'
  expect(await waitForEvents(collector.url, 15, isLarge)).toHaveLength(15)
})

test('@segment/analytics-node delivers everything once after the collector was away', async () => {
  const analytics = new Analytics({ writeKey: WRITE_KEY, host: collector.url, flushInterval: 100 })
  await collector.kill()
  for (let index = 0; index < 40; index++) {
    analytics.track({ userId: 'away', event: 'While Away', properties: { index } })
  }
  collector = await startCollector(port, folder)
  await analytics.closeAndFlush()
  const events = (await exportEvents(collector.url)).filter(({ userId }) => userId === 'away')
  expect(events.map(({ properties }) => properties.index).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 40 }, (_, index) => index),
  )
})
