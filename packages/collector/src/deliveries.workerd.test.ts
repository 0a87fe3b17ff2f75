import { afterEach, expect, test } from 'vitest'
import { batch, forgetAll, get, json, post, track } from '../test-client.ts'

afterEach(forgetAll)

const numbered = (seq: number, person: string) =>
  track(`d${seq}`, { anonymousId: person, context: { delivery: { stream: 's1', seq } } })

test('/api/stats tells at once what is missing, whoever the events are of', async () => {
  const arriving = [0, 1, 2, 4, 5].map((seq) => numbered(seq, `a${seq}`))
  await post('/v1/batch', batch('wk_open', arriving))
  await post('/v1/batch', batch('wk_open', arriving.slice(0, 2)))
  expect((await json(get('/api/stats'))).deliveries).toEqual({
    open: { streams: 1, created: 6, received: 5, missing: 1, duplicated: 2 },
  })
  const previousStreams = [{ stream: 's1', lastSeq: 7 }]
  await post('/v1/batch', batch('wk_open', [numbered(3, 'a3')], { previousStreams }))
  expect((await json(get('/api/stats'))).deliveries.open).toMatchObject({
    created: 8,
    received: 6,
    missing: 2,
  })
})

test('a count that cannot be one is not counted', async () => {
  const odd = [-1, 1.5, '1', 2e9, null].map((seq, index) =>
    track(`o${index}`, { context: { delivery: { stream: 's', seq } } }),
  )
  await post('/v1/batch', batch('wk_open', odd))
  expect((await json(get('/api/stats'))).deliveries).toEqual({})
})
