import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { acceptAll, type Respond, startCollector } from '../test/collector.ts'
import { Tributary } from './node-client.ts'
import { currentContext, updateContext, withContext } from './request-context.ts'

it('a context reaches what is awaited and what is started, and nothing else', async () => {
  const seen: unknown[] = []
  let started: Promise<void> | undefined
  const result = withContext({ userId: 'u' }, () => {
    started = sleep(5).then(() => void seen.push(currentContext()?.userId))
    return 'result'
  })
  expect(result).toBe('result')
  expect(currentContext()).toBeUndefined()
  await started
  expect(seen).toEqual(['u'])
})

it('an update reaches the code that has begun before it, and not the context around', async () => {
  await withContext({ anonymousId: 'a', context: { page: { path: '/' } } }, async () => {
    const early = sleep(5).then(() => currentContext())
    expect(updateContext({ userId: 'u', context: { page: { title: 'T' } } })).toBe(true)
    const updated = { anonymousId: 'a', userId: 'u', context: { page: { path: '/', title: 'T' } } }
    expect(await early).toEqual(updated)
    withContext({ userId: 'v' }, () => {
      updateContext({ anonymousId: 'b' })
      expect(currentContext()).toMatchObject({ userId: 'v', anonymousId: 'b' })
    })
    expect(currentContext()).toEqual(updated)
  })
})

it('an update outside of any context says that there is none', () => {
  expect(updateContext({ userId: 'u' })).toBe(false)
  expect(currentContext()).toBeUndefined()
})

it('what the function throws comes through', () => {
  expect(() => withContext({}, () => JSON.parse('{'))).toThrow(SyntaxError)
})

it('the events of a person whom the context names keep their order', async () => {
  const held: (() => void)[] = []
  const hold: Respond = (response, request) => {
    held.push(() => acceptAll(response, request))
  }
  const collector = await startCollector(hold, hold)
  const client = new Tributary({ writeKey: 'wk', endpoint: collector.endpoint, flushAt: 1 })
  try {
    const track = (event: string) => withContext({ userId: 'u' }, () => client.track({ event }))
    track('first')
    await expect.poll(() => held.length).toBe(1)
    track('second')
    client.track({ userId: 'other', event: 'aside' })
    await expect.poll(() => held.length).toBe(2)
    const sent = collector.requests.map(({ body }) =>
      body.batch.map((event) => 'event' in event && event.event),
    )
    expect(sent).toEqual([['first'], ['aside']])
    for (const answer of held) answer()
    expect(await client.closeAndFlush()).toEqual({ remaining: 0 })
  } finally {
    collector.stop()
  }
})
