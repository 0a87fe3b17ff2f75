import { describe, expect, test } from 'vitest'
import type { Arrival } from './arrival.ts'
import { hintsInHeaders } from './client-hints.ts'
import { normalise } from './normalise.ts'
import { readJson } from './read-json.ts'
import { redactPayload } from './redact.ts'
import { formObject } from './webhook-event.ts'

/** What one event may take. Linear work on 60 KB takes a few milliseconds, quadratic work takes seconds. */
const MAX_MS = 300

const LENGTH = 60_000
const arrival: Arrival = {
  source: { id: 'web', writeKeys: ['wk'], ip: 'truncate' },
  receivedAtMs: Date.parse('2026-11-22T10:00:00Z'),
  messageId: 'm1',
}

/** Texts on which patterns and loops are slow that try again at each place. */
const TEXTS = [
  'cp',
  'a.',
  '?',
  '&token',
  '?token=%26',
  '%3ftoken%3d',
  ':',
  '1:',
  '\\"',
  ' ',
  '@',
  '//',
  '.1',
  '1.',
  'not',
  '-',
  'shop ',
  '1',
].map((part) => part.repeat(LENGTH / part.length))

const EVENTS = TEXTS.flatMap((text) => {
  const url = `https://${text}/`
  const query = `https://example.com/?utm_medium=${text}&utm_source=${text}`
  return [
    { context: { page: { url, referrer: url } } },
    { context: { page: { url: query, referrer: text } } },
    {
      context: {
        page: { url: 'https://a.example/' },
        campaign: { medium: `${text}\nx`, source: `${text}.x`, name: text },
        referrer: { domain: `${text}com`, type: 'search', url },
      },
    },
    { context: { ip: text, userAgentData: { brands: [{ brand: `not${text}`, version: '1' }] } } },
    { userId: `${text}@x`, timestamp: `2026-11-22${text}`, sentAt: text },
  ]
})

/** The better of two tries, so that a busy machine does not pass for slow work. */
function timeOf(work: () => void): number {
  const tries = [0, 1].map(() => {
    const start = performance.now()
    work()
    return performance.now() - start
  })
  return Math.min(...tries)
}

describe('no text makes the work on it slow', () => {
  test('in the fields of an event', () => {
    const slow = EVENTS.flatMap((fields) => {
      const event = { type: 'track' as const, event: 'E', anonymousId: 'a', ...fields }
      const ms = timeOf(() => normalise(event, arrival))
      return ms > MAX_MS ? [`${Math.round(ms)} ms: ${JSON.stringify(fields).slice(0, 120)}`] : []
    })
    expect(slow).toEqual([])
  })

  test('in a body', () => {
    const slow = TEXTS.flatMap((text) => {
      const ms = timeOf(() => {
        readJson(`{"a":${text}x`)
        readJson(`["${text}",${text}`)
        redactPayload(`{"ip" ${text}`, arrival.source)
      })
      return ms > MAX_MS ? [`${Math.round(ms)} ms: ${text.slice(0, 20)}`] : []
    })
    expect(slow).toEqual([])
  })

  test('in headers', () => {
    const slow = TEXTS.filter(
      (text) =>
        timeOf(() => hintsInHeaders((name) => (name === 'sec-ch-ua' ? text : null))) > MAX_MS,
    )
    expect(slow).toEqual([])
  })

  test('in the names of a form', () => {
    const names = Array.from({ length: 50_000 }, (_, index) => `k${index}`)
    const form = new URLSearchParams(names.join('&'))
    expect(timeOf(() => formObject(form))).toBeLessThan(1000)
  })
})
