import { expect, it } from 'vitest'
import { setUp } from '../test/client.ts'
import type { Plugin } from './plugin.ts'

it('lets plugins and then beforeSend change an event, and the caller keeps its own', async () => {
  const { client, collector } = await setUp([], {
    beforeSend: (event) => ({ ...event, context: { ...event.context, last: true } }),
    plugins: [
      { type: 'enrichment', track: (event) => void Object.assign(event, { enriched: true }) },
      {
        type: 'before',
        track: (event) => {
          if (event.type === 'track' && event.properties) event.properties.card = 'redacted'
        },
      },
    ],
  })
  const properties = { card: '4111' }
  client.track({ userId: 'u', event: 'E', properties })
  client.identify({ userId: 'u', traits: { card: '4111' } })
  await client.flush()
  const [track, identify] = collector.requests[0]?.body.batch ?? []
  expect(track).toMatchObject({
    properties: { card: 'redacted' },
    enriched: true,
    context: { last: true },
  })
  expect(identify).toMatchObject({ traits: { card: '4111' }, context: { last: true } })
  expect(properties).toEqual({ card: '4111' })
})

it.each<[string, Plugin['track'], object]>([
  ['drops what a hook returns null for', () => null, { dropped: { hook: 1 } }],
  [
    'drops what a before hook throws at',
    () => {
      throw new Error('no')
    },
    { dropped: { hook_failed: 1 } },
  ],
  [
    'drops what an async hook would have redacted too late',
    (async () => null) as unknown as Plugin['track'],
    { dropped: { hook_failed: 1 } },
  ],
])('%s', async (_, track, expected) => {
  const { client, collector } = await setUp()
  client.on('error', () => {})
  await client.register({ type: 'before', track } as Plugin)
  const receipt = client.track({ userId: 'u', event: 'E' })
  expect(receipt.accepted).toBe(false)
  expect((await receipt.delivered).outcome).toBe('dropped')
  client.page({ userId: 'u' })
  await client.flush()
  expect(client.stats()).toMatchObject({ created: 2, delivered: 1, ...expected })
  expect(collector.requests[0]?.body.batch[0]?.context?.delivery?.seq).toBe(0)
})

it('answers an event that a hook left without its id by its first, and keeps one that an enrichment fails at', async () => {
  const errors: string[] = []
  const { client } = await setUp()
  client.on('error', (error) => errors.push(error.message))
  await client.register(
    {
      track() {
        throw new Error('enrichment')
      },
    },
    { type: 'before', track: ({ messageId, ...event }) => event },
  )
  client.track({ userId: 'u', event: 'E' })
  await client.flush()
  expect(client.stats().delivered).toBe(1)
  expect(errors).toEqual(['enrichment'])
})

it('tells destination plugins what is queued and after plugins what is delivered', async () => {
  const told: string[] = []
  const note = (what: string) => (event: { type: string }) =>
    void told.push(`${what} ${event.type}`)
  const { client } = await setUp([])
  await client.register(
    { type: 'destination', track: note('destination') },
    { type: 'after', track: note('after') },
  )
  client.track({ userId: 'u', event: 'E' })
  expect(told).toEqual([])
  await client.flush()
  await expect.poll(() => told).toEqual(['destination track', 'after track'])
})

it('registers, loads, unloads and deregisters plugins by name, whatever they throw', async () => {
  const told: unknown[] = []
  const { client } = await setUp()
  client.on('error', (error) => told.push(error.message))
  await client.register(
    {
      name: 'a',
      load: async (given) => told.push(given === client),
      unload: () => told.push('out'),
    },
    {
      name: 'b',
      load: () => Promise.reject(new Error('no disk')),
      track: () => null,
    },
  )
  expect(told.toSorted()).toEqual(['no disk', true])
  expect(client.track({ userId: 'u', event: 'E' }).accepted).toBe(false)
  await client.deregister('a', 'b', 'c')
  expect(told).toContain('out')
  expect(client.track({ userId: 'u', event: 'E' }).accepted).toBe(true)
})
