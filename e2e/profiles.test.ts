import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { compareConfigurations, repair, verify } from '@tributary/cli'
import { Miniflare } from 'miniflare'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  ADMIN_TOKEN,
  type Collector,
  callApi,
  freePort,
  newFolder,
  removeFolder,
  startCollector,
  WRITE_KEY,
} from './collector.ts'

let folder: string
let collector: Collector | undefined

beforeEach(() => {
  folder = newFolder()
})

afterEach(async () => {
  await collector?.kill().catch(() => undefined)
  removeFolder(folder)
})

const PEOPLE = 40
const BATCHES = 60

/** What a person does on one of two devices, again and again; each device signs in somewhere in the middle. */
function batchOf(number: number): object[] {
  return Array.from({ length: 10 }, (_, index) => {
    const person = (number * 7 + index * 3) % PEOPLE
    const anonymousId = `device-${person}-${(number >> 1) % 2}`
    const messageId = `m-${number}-${index}`
    const timestamp = new Date(Date.UTC(2026, 0, 1) + (number * 13 + index) * 60_000).toISOString()
    return number % 3 === 1
      ? {
          type: 'identify',
          userId: `user-${person}`,
          anonymousId,
          messageId,
          timestamp,
          traits: { visits: number, email: `user-${person}@example.com` },
        }
      : { type: 'page', name: 'Home', anonymousId, messageId, timestamp }
  })
}

async function send(url: string, number: number): Promise<boolean> {
  const body = JSON.stringify({ writeKey: WRITE_KEY, batch: batchOf(number) })
  const response = await fetch(`${url}/v1/batch`, { method: 'POST', body }).catch(() => undefined)
  return response?.ok ?? false
}

test('killed while the profiles are fed, again and again, they are what the lake says', async () => {
  const port = await freePort()
  let next = 0
  for (let run = 0; run < 3; run++) {
    collector = await startCollector(port, folder)
    const { url } = collector
    const stop = Math.min(BATCHES, next + BATCHES / 3)
    // Drains feed the profiles while events come in.
    const drains = [1, 2, 3].map(async (wait) => {
      await new Promise((done) => setTimeout(done, wait * 60))
      await callApi(url, '/api/drain', 'POST').catch(() => undefined)
    })
    while (next < stop && (await send(url, next))) next += 1
    if (run < 2) await collector.kill()
    await Promise.all(drains)
  }
  const { url } = collector as Collector
  // What was sent before comes again, as from clients that were not answered.
  for (let number = 0; number < BATCHES; number++) expect(await send(url, number)).toBe(true)
  const found = await verify({ url, adminToken: ADMIN_TOKEN })
  expect(found).toEqual({ records: BATCHES * 10, components: PEOPLE, differences: [] })
  const page = (await (await callApi(url, '/api/profiles?limit=1000')).json()) as {
    profiles: { eventCount: number }[]
  }
  expect(page.profiles.reduce((sum, { eventCount }) => sum + eventCount, 0)).toBe(BATCHES * 10)
  expect(page.profiles).toHaveLength(PEOPLE)

  const options = { url, adminToken: ADMIN_TOKEN, candidate: { fanout: { email: 5 } } }
  expect(await compareConfigurations(options)).toEqual([])
  const strict = { ...options, candidate: { limits: { anonymousId: 1, email: 1 } } }
  const changes = await compareConfigurations(strict)
  expect(changes.filter(({ type }) => type === 'profile.split')).not.toEqual([])
  // Verified with another configuration than the collector's, the difference is named.
  const wrong = await verify({ url, adminToken: ADMIN_TOKEN, identity: strict.candidate })
  expect(wrong.differences[0]).toMatchObject({
    kind: 'different',
    identifiers: expect.arrayContaining([expect.stringMatching(/^userId:user-/)]),
  })
})

/** Stands in the place of the profiles, on their own database, and lets it be read and written. */
const BARE_PROFILES = `
  import { DurableObject } from 'cloudflare:workers'
  export class Profiles extends DurableObject {
    rows(query, ...bindings) {
      return this.ctx.storage.sql.exec(query, ...bindings).toArray()
    }
  }
  export default {
    async fetch(request, { PROFILES }) {
      const shard = PROFILES.getByName('profiles-0')
      const [query, ...bindings] = await request.json()
      return Response.json(await shard.rows(query, ...bindings))
    }
  }`

/** Changes what the database of a stopped collector holds of whoever has an identifier: the bytes of the one row. */
async function changePack(key: string, change: (frames: Buffer) => Buffer): Promise<void> {
  const miniflare = new Miniflare({
    modules: true,
    script: BARE_PROFILES,
    compatibilityDate: '2026-04-21',
    durableObjects: { PROFILES: { className: 'Profiles', useSQLite: true } },
    defaultPersistRoot: folder,
    cf: {},
  })
  async function rows(...order: string[]): Promise<Record<string, string>[]> {
    const body = JSON.stringify(order)
    const answer = await miniflare.dispatchFetch('http://profiles/', { method: 'POST', body })
    return (await answer.json()) as Record<string, string>[]
  }
  try {
    const where = 'WHERE component = (SELECT component FROM directory WHERE key = ?)'
    const [row, ...others] = await rows(`SELECT hex(frames) AS frames FROM pack ${where}`, key)
    expect(others).toEqual([])
    const changed = change(Buffer.from(row?.frames ?? '', 'hex')).toString('hex')
    await rows(`UPDATE pack SET frames = unhex(?) ${where}`, changed, key)
  } finally {
    await miniflare.dispose()
  }
}

/** Every frame with its text changed (`core/frames.ts` of the collector says what a frame is). */
function changeText(frames: Buffer, change: (text: string) => string): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < frames.length; ) {
    const end = at + 4 + frames.readUInt32LE(at)
    const text = inflateRawSync(frames.subarray(at + 4, end)).toString()
    const content = deflateRawSync(change(text))
    const length = Buffer.alloc(4)
    length.writeUInt32LE(content.length)
    parts.push(length, content)
    at = end
  }
  return Buffer.concat(parts)
}

test('a record that was changed on the disk of a stopped collector, and a row with a bit flipped, are found, named and brought back', async () => {
  const port = await freePort()
  collector = await startCollector(port, folder)
  for (let number = 0; number < 6; number++) await send(collector.url, number)
  await callApi(collector.url, '/api/drain', 'POST')
  const options = { url: collector.url, adminToken: ADMIN_TOKEN }
  expect(await verify(options)).toMatchObject({ records: 60, differences: [] })
  const whole = await (await callApi(collector.url, '/api/profiles/userId:user-7')).json()
  expect(whole).toMatchObject({ traits: { visits: 1 } })
  await collector.stop()

  await changePack('userId:user-7', (frames) =>
    changeText(frames, (text) => text.replace('"visits":1', '"visits":2')),
  )
  await changePack('userId:user-10', (frames) => {
    // Of the first frame's length. A bit of its content may spoil it or change it; both are here, without chance.
    frames[3] = (frames[3] as number) ^ 1
    return frames
  })
  collector = await startCollector(port, folder)
  const { differences } = await verify(options)
  const named = differences.map(({ kind, identifiers }) => [kind, ...identifiers]).sort()
  expect(named).toEqual([
    ['different', 'anonymousId:device-7-0', 'email:user-7@example.com', 'userId:user-7'],
    ['unreadable', 'anonymousId:device-10-0', 'email:user-10@example.com', 'userId:user-10'],
  ])

  // What cannot be read holds up nobody, and is not taken for all there is.
  await send(collector.url, 6)
  await send(collector.url, 7)
  await callApi(collector.url, '/api/drain', 'POST')
  const { shards } = await (await callApi(collector.url, '/api/stats')).json()
  for (const shard of shards) expect(shard.unprofiledRows).toBe(0)
  expect(await answerOf('/api/profiles/userId:user-10')).toEqual([503, 'profile_damaged'])
  await repair(options, differences)
  expect((await verify(options)).differences).toEqual([])
  expect(await answerOf('/api/profiles/userId:user-10')).toEqual([200, undefined])
})

async function answerOf(path: string): Promise<[number, string | undefined]> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` }
  const response = await fetch(`${collector?.url}${path}`, { headers })
  return [response.status, (await response.json()).code]
}
