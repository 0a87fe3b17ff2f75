import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it, vi } from 'vitest'
import { ValidationError } from './core/errors.ts'
import { withContext } from './request-context.ts'
import { recordEvents } from './testing.ts'

afterEach(() => vi.useRealTimers())

it('records what a collector would get, in the order of the calls', async () => {
  const { client, events } = recordEvents()
  const order = { total: 9, at: new Date(0), none: undefined }
  client.identify({ userId: 'u', traits: { plan: 'pro' } })
  client.track({ userId: 'u', event: 'Order Completed', properties: order as never })
  order.total = 10
  expect(await events()).toMatchObject([
    { type: 'identify', userId: 'u', traits: { plan: 'pro' }, context: { delivery: { seq: 0 } } },
    {
      type: 'track',
      properties: { total: 9, at: '1970-01-01T00:00:00.000Z' },
      messageId: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-7/),
      timestamp: expect.any(String),
      context: { library: { name: '@tributary/node' }, delivery: { seq: 1 } },
    },
  ])
  expect(client.stats()).toMatchObject({ created: 2, delivered: 2, pending: 0 })
})

it('finds events by their fields or by a function', async () => {
  const { client, find } = recordEvents()
  for (const total of [1, 2]) client.track({ userId: 'u', event: 'Paid', properties: { total } })
  expect(await find({ event: 'Paid', properties: { total: 2 } })).toMatchObject({ userId: 'u' })
  expect(await find(({ userId }) => userId === 'v')).toBeUndefined()
})

it('waits for an event that is still to come', async () => {
  const { client, waitFor } = recordEvents()
  void sleep(20).then(() => client.track({ userId: 'u', event: 'Late' }))
  expect(await waitFor({ event: 'Late' })).toMatchObject({ type: 'track', event: 'Late' })
  expect(await waitFor({ event: 'Late' })).toBeDefined()
})

it('says what there was instead of the event that never came', async () => {
  const { client, waitFor } = recordEvents()
  client.track({ userId: 'u', event: 'Other' })
  client.page({ userId: 'u' })
  await expect(waitFor({ event: 'Never' }, { timeoutMs: 30 })).rejects.toThrow(
    'No event that matches {"event":"Never"} was recorded, but: Other, page.',
  )
})

it('forgets when told, also what was still on its way', async () => {
  const { client, clear, events } = recordEvents()
  client.track({ userId: 'u', event: 'Before' })
  await clear()
  client.track({ userId: 'u', event: 'After' })
  expect(await events()).toMatchObject([{ event: 'After' }])
})

it('is as strict as the client, and counts a repeated id once', async () => {
  const { client, events } = recordEvents()
  expect(() => client.track({ event: 'E' })).toThrow(ValidationError)
  client.track({ userId: 'u', event: 'E', messageId: 'same' })
  client.track({ userId: 'u', event: 'E', messageId: 'same' })
  expect(await events()).toHaveLength(1)
})

it('sees the context of a request', async () => {
  const { client, find } = recordEvents()
  withContext({ userId: 'u', context: { locale: 'de' } }, () => client.track({ event: 'E' }))
  expect(await find({ userId: 'u', context: { locale: 'de' } })).toBeDefined()
})

it('goes on while a test holds the clock, whose time its events have', async () => {
  vi.useFakeTimers({ now: Date.UTC(2030, 0, 1) })
  const { client, waitFor, events } = recordEvents()
  client.track({ userId: 'u', event: 'E' })
  expect(await waitFor({ event: 'E' })).toMatchObject({ timestamp: '2030-01-01T00:00:00.000Z' })
  expect(await events()).toHaveLength(1)
})
