import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Client } from './matrix.ts'
import { MOBILE_SHAPES } from './mobile-shapes.ts'
import { type RawAnswer, sendRaw } from './raw-request.ts'
import { SERVER_SHAPES } from './server-shapes.ts'
import { type Made, makeCalls, type Shape } from './shape.ts'

/** Attempts of the most patient of them; the tests need four. */
const MAX_ATTEMPTS = 10
/** Shorter than any of them pauses, so that the tests take no longer than they must. */
const OWN_PAUSE_MS = 300

/** Sends until the client's own rule says that it is enough. */
async function sendAsShape(shape: Shape, url: string, made: Made): Promise<void> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const answer = await sendRaw(url, shape.request(made, new Date())).catch(() => undefined)
    const judgement = answer ? shape.judge(answer) : shape.afterBrokenConnection
    if (judgement !== 'again') return
    await sleep(pauseMs(shape, answer))
  }
}

function pauseMs({ obeysRetryAfter }: Shape, answer: RawAnswer | undefined): number {
  const seconds = Number(answer?.headers['retry-after'])
  return obeysRetryAfter && answer?.status === 429 ? seconds * 1000 : OWN_PAUSE_MS
}

function clientOf(shape: Shape): Client {
  return {
    name: shape.name,
    testedBy: 'request shape',
    change: shape.change,
    unit: 'batch',
    types: ['identify', 'track'],
    requests: 1,
    neverRetries: shape.afterBrokenConnection === 'drop' ? ['answer-lost'] : [],
    async deliver(url, userId) {
      if (shape.settingsRequest) {
        const { status, text } = await sendRaw(url, shape.settingsRequest)
        expect(status).toBe(200)
        // Where they have these, both wait as they are told.
        expect(JSON.parse(text).integrations['Segment.io']).toMatchObject({
          apiHost: `${new URL(url).host}/v1`,
          httpConfig: { rateLimitConfig: { enabled: true }, backoffConfig: { enabled: true } },
        })
      }
      const sent = sendAsShape(shape, url, makeCalls(userId))
      return () => sent
    },
    check(events) {
      const track = events.find(({ type }) => type === 'track')
      expect(track).toMatchObject({
        event: 'Bought',
        properties: { total: 9.5, name: 'Zoë' },
      })
      // Made and sent within this test, in whichever form and zone the client writes its times.
      for (const { timestamp } of events) {
        expect(Math.abs(Date.parse(timestamp) - Date.now())).toBeLessThan(60_000)
      }
    },
  }
}

/** Segment's clients in other languages, by the requests that they make. */
export const SHAPED_CLIENTS: readonly Client[] = [...SERVER_SHAPES, ...MOBILE_SHAPES].map(clientOf)
