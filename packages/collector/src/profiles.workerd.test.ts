import { SELF } from 'cloudflare:test'
import { expect, test } from 'vitest'

const ADMIN = { headers: { authorization: 'Bearer at_test_token' } }

async function send(events: object[]): Promise<void> {
  const response = await SELF.fetch('http://collector/v1/batch', {
    method: 'POST',
    body: JSON.stringify({ writeKey: 'wk_open', batch: events }),
  })
  expect(response.status).toBe(200)
}

async function drained(): Promise<void> {
  const response = await SELF.fetch('http://collector/api/drain', { ...ADMIN, method: 'POST' })
  expect(response.status).toBe(200)
}

test('an event becomes a profile', async () => {
  await send([
    { type: 'page', anonymousId: 'thin-a1', messageId: 'thin-1' },
    {
      type: 'identify',
      anonymousId: 'thin-a1',
      userId: 'thin-u1',
      traits: { plan: 'pro' },
      messageId: 'thin-2',
    },
  ])
  await drained()
  const response = await SELF.fetch('http://collector/api/profiles/userId:thin-u1', ADMIN)
  expect(await response.json()).toMatchObject({
    ids: { userId: ['thin-u1'], anonymousId: ['thin-a1'] },
    traits: { plan: 'pro' },
    eventCount: 2,
  })
})
