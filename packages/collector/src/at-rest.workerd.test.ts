import { runInDurableObject } from 'cloudflare:test'
import { afterEach, expect, test } from 'vitest'
import {
  ADMIN,
  batch,
  bindings,
  compressed,
  forgetAll,
  get,
  json,
  post,
  quarantined,
  track,
} from '../test-client.ts'

afterEach(forgetAll)

const TABLES = ['appended', 'fingerprints', 'streamCounts', 'clocks', 'state']

/** Every byte that the journals keep, as text. */
async function journalBytes(): Promise<string> {
  const journals = ['journal-0', 'journal-1'].map((name) =>
    runInDurableObject(bindings.JOURNAL.getByName(name), (_, { storage }) => {
      const rows = TABLES.flatMap((table) => [...storage.sql.exec(`SELECT * FROM ${table}`).raw()])
      return rows
        .flat()
        .map((value) =>
          value instanceof ArrayBuffer ? new TextDecoder('latin1').decode(value) : `${value}`,
        )
        .join('\n')
    }),
  )
  return (await Promise.all(journals)).join('\n')
}

/** Every byte that the lake keeps, inflated. */
async function lakeBytes(): Promise<string> {
  const texts: string[] = []
  for (const { key } of (await bindings.LAKE.list()).objects) {
    const body = (await bindings.LAKE.get(key))?.body as ReadableStream
    texts.push(key, await new Response(body.pipeThrough(new DecompressionStream('gzip'))).text())
  }
  return texts.join('\n')
}

/** What is kept before a replay and a drain, and after them. */
async function everythingKept(): Promise<string> {
  const before = await journalBytes()
  await json(post('/api/quarantine/replay', '{"newMessageIds":true}', ADMIN))
  await post('/api/drain', '', ADMIN)
  return [before, await journalBytes(), await lakeBytes()].join('\n')
}

/** Gives out texts to look for, each once. */
function canaries(make: (index: number) => string) {
  const given = new Map<string, string>()
  return {
    next: (where: string) => {
      const canary = make(given.size)
      given.set(canary, where)
      return canary
    },
    foundIn: (text: string) =>
      [...given].filter(([canary]) => text.includes(canary)).map(([, where]) => where),
  }
}

const TOO_LONG = 'x'.repeat(1_100_000)
const TOO_MANY = Array.from({ length: 2501 }, () => 1)

test.for(['remove', 'hash', 'truncate'])(
  'with the policy %s no address is written anywhere, however wrong the body',
  async (policy) => {
    const key = `wk_ip_${policy}`
    const { next, foundIn } = canaries((index) => `203.0.113.${100 + index}`)
    const device = (where: string) => ({
      origin: 'https://a.example',
      'cf-connecting-ip': next(`device of ${where}`),
    })
    const send = (where: string, body: BodyInit) =>
      post(`/v1/batch?writeKey=${key}`, body, device(where))
    const context = (where: string) => ({ context: { ip: next(where) } })

    await send('event', batch(key, [track('m1', { ...context('event'), ip: next('ip') })]))
    await send('conflict', batch(key, [track('m1', { event: 'Other', ...context('conflict') })]))
    await send('shared', batch(key, [track('m2')], context('shared')))
    await send('refused', batch(key, [{ type: 'nope', ...context('refused') }, 5]))
    await send('list in list', batch(key, [[context('list in list')]]))
    await send('list', batch(key, [track('m3', { context: [{ ip: next('context is a list') }] })]))
    const text = JSON.stringify({ ip: next('context is a text') })
    await send('text', batch(key, [track('m4', { context: text })]))
    await send('odd ips', batch(key, [track('m5', { context: { ip: [next('ip is a list')] } })]))
    await send('no batch', JSON.stringify(context('no batch')))
    await send('batch', JSON.stringify({ batch: context('batch is an object') }))
    await send('too many', JSON.stringify({ batch: TOO_MANY, ...context('too many') }))
    const large = JSON.stringify({ ...context('too large'), x: TOO_LONG })
    await send('too large', large)
    await send('zipped', await compressed(large, 'gzip'))
    await send('cut off', `{"batch":[{"context":{"ip":"${next('cut off')}`)
    await send('relaxed', `{batch:[{context:{ip:'${next('relaxed JSON')}'}}]`)
    const form = encodeURIComponent(JSON.stringify(context('escaped')))
    await send('form', `data=${form}&context.ip=${next('form')}`)
    const pixel = `context.ip=${next('pixel')}&ip=${next('pixel’s ip')}`
    await get(`/v1/pixel/track?writeKey=${key}&event=E&userId=u&${pixel}`, device('pixel'))
    const data = btoa(`{"context":{"ip":"${next('pixel’s data')}"}`)
    await get(`/v1/pixel/track?writeKey=${key}&data=${data}`, device('pixel’s data'))

    expect((await quarantined()).length).toBeGreaterThan(10)
    expect(foundIn(await everythingKept())).toEqual([])
  },
)

test('no secret of a URL is written anywhere, however wrong the body', async () => {
  const { next, foundIn } = canaries((index) => `CANARY${index}x`)
  const url = (where: string) =>
    `https://me:${next(`credentials, ${where}`)}@shop.example/p;sid=${next(`path, ${where}`)}` +
    `?a=1&token=${next(`query, ${where}`)}&voucher=${next(`own name, ${where}`)}` +
    `&next=%2F%3Ftoken%3D${next(`encoded, ${where}`)}#jwt=${next(`fragment, ${where}`)}`
  const context = (where: string) => ({ context: { page: { url: url(where) } } })
  const send = (body: BodyInit) => post('/v1/batch?writeKey=wk_secrets', body)

  await send(batch('wk_secrets', [track('m1', { ...context('event'), url: 'x' })]))
  await send(batch('wk_secrets', [track('m1', { event: 'Other', ...context('conflict') })]))
  await send(batch('wk_secrets', [{ type: 'nope', ...context('refused') }]))
  await send(JSON.stringify({ batch: TOO_MANY, ...context('too many') }))
  await send(JSON.stringify({ ...context('too large'), x: TOO_LONG }))
  await send(`{"batch":[${JSON.stringify(context('cut off'))}`)
  await send(`{"batch":[${JSON.stringify(context('PHP, cut off')).replaceAll('/', '\\/')}`)
  const page = encodeURIComponent(url('pixel'))
  await get(`/v1/pixel/page?writeKey=wk_secrets&userId=u&context.page.url=${page}`, {})
  await post('/v1/webhook?writeKey=wk_secrets', JSON.stringify({ url: url('webhook') }))

  expect((await quarantined()).length).toBeGreaterThan(5)
  const kept = await everythingKept()
  expect(foundIn(kept)).toEqual([])
  expect(kept).not.toContain('wk_secrets')
})
