import { SELF } from 'cloudflare:test'
import type { SeriesAnswer } from '@tributary/protocol'
import { expect, test } from 'vitest'

const ORIGIN = 'https://collector.example'
const ADMIN = { authorization: 'Bearer at_test_token' }

async function send(batch: object[], writeKey = 'wk_open'): Promise<void> {
  const body = JSON.stringify({ writeKey, batch })
  const answer = await SELF.fetch(`${ORIGIN}/v1/batch`, { method: 'POST', body })
  expect(answer.status).toBe(200)
}

async function read(range: string): Promise<SeriesAnswer> {
  const answer = await SELF.fetch(`${ORIGIN}/api/series?range=${range}`, { headers: ADMIN })
  expect(answer.status).toBe(200)
  return answer.json()
}

function total(list: readonly (number | null)[] | undefined): number {
  return (list ?? []).reduce<number>((sum, value) => sum + (value ?? 0), 0)
}

/** Totals of what the test sends, over the whole range. */
function totals({ accepted, types, duplicates, rejected, created, received }: SeriesAnswer) {
  return {
    open: total(accepted.open),
    web: total(accepted.web),
    track: total(types.track),
    page: total(types.page),
    duplicates: total(duplicates),
    rejected: Object.values(rejected).map(total),
    created: total(created),
    received: total(received),
  }
}

test('the series tell what has happened, the same before and after a drain, in every range', async () => {
  const delivery = (seq: number) => ({ delivery: { stream: 'series-1', seq } })
  await send([
    { type: 'track', event: 'A', anonymousId: 'p1', messageId: 'series-a', context: delivery(0) },
    { type: 'track', event: 'B', anonymousId: 'p2', messageId: 'series-b', context: delivery(1) },
    { type: 'page', anonymousId: 'p3', messageId: 'series-c', context: delivery(4) },
    { type: 'track', anonymousId: 'p1', messageId: 'series-d' },
  ])
  await send([
    { type: 'track', event: 'A', anonymousId: 'p1', messageId: 'series-a', context: delivery(0) },
  ])
  await send([{ type: 'track', event: 'W', anonymousId: 'p4', messageId: 'series-w' }], 'wk_web')
  // Makes the account of deliveries current.
  await SELF.fetch(`${ORIGIN}/api/stats`, { headers: ADMIN })

  const sent = { open: 3, web: 1, track: 3, page: 1, duplicates: 1, rejected: [1] }
  const expected = { ...sent, created: 5, received: 3 }
  expect(totals(await read('hour'))).toEqual(expected)
  await SELF.fetch(`${ORIGIN}/api/drain`, { method: 'POST', headers: ADMIN })
  for (const range of ['hour', 'day', 'month']) expect(totals(await read(range))).toEqual(expected)

  const { latency, backlog, operations } = await read('hour')
  expect(latency.p50.some((ms) => ms !== null)).toBe(true)
  expect(total(latency.p95)).toBeGreaterThanOrEqual(total(latency.p50))
  expect(Object.keys(backlog)).toEqual(['0', '1'])
  expect(total(backlog['0']) + total(backlog['1'])).toBeGreaterThan(0)
  expect(total(operations.requests)).toBe(3)
})

test('another range, or another parameter, is refused', async () => {
  for (const query of ['range=year', 'range=', 'step=5']) {
    const answer = await SELF.fetch(`${ORIGIN}/api/series?${query}`, { headers: ADMIN })
    expect(answer.status).toBe(400)
  }
})
