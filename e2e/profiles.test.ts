import { compareConfigurations, verify } from '@tributary/cli'
import { afterEach, expect, test } from 'vitest'
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

const folder = newFolder()
let collector: Collector | undefined

afterEach(async () => {
  await collector?.kill()
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
