import { expect, it } from 'vitest'
import { createWorld, verdicts } from '../test/world.ts'
import { Tributary } from './client.ts'
import type { Post } from './platform.ts'

/** A world as a Worker's global scope sees it: what a request has begun ends with that request, and tells nobody. */
function createWorker() {
  const world = createWorld(({ batch }) => verdicts(batch))
  const post = world.platform.post as Post
  let isEnding = false
  const never = new Promise<never>(() => {})
  const client = new Tributary(
    { writeKey: 'wk', endpoint: 'http://collector', requestTimeoutMs: 10_000 },
    {
      ...world.platform,
      post: (request) => (isEnding ? never : post(request)),
      setTimer: (run, delayMs, keepAlive) =>
        isEnding ? () => {} : world.platform.setTimer(run, delayMs, keepAlive),
    },
  )
  return {
    client,
    pass: world.pass,
    /** Handles a request that ends before anything that it has begun. */
    async cutOff(handle: () => void): Promise<void> {
      isEnding = true
      handle()
      await world.pass(0)
      isEnding = false
    },
  }
}

it('what a request took along that was cut off is sent again by a later one, once the time for an answer is over', async () => {
  const { client, pass, cutOff } = createWorker()
  await cutOff(() => {
    client.track({ userId: 'a', event: 'First' })
    void client.flush()
  })
  await pass(5000)
  client.track({ userId: 'a', event: 'Second' })
  void client.flush()
  await pass(1000)
  expect(client.stats()).toMatchObject({ delivered: 0, pending: 2 })
  await pass(10_000)
  client.track({ userId: 'b', event: 'Third' })
  void client.flush()
  await pass(5000)
  expect(client.stats()).toMatchObject({ delivered: 3, pending: 0 })
})

it('a timer that went with its request is set again by the next call', async () => {
  const { client, pass, cutOff } = createWorker()
  await cutOff(() => client.track({ userId: 'a', event: 'First' }))
  await pass(60_000)
  client.track({ userId: 'a', event: 'Second' })
  await pass(10_000)
  expect(client.stats()).toMatchObject({ delivered: 2, pending: 0 })
})
