import { describe, expect, test } from 'vitest'
import type { Arrival } from '../arrival.ts'
import { botReasons, flagBot } from './bots.ts'
import { setPrivacySignal } from './privacy-signal.ts'

const arrival: Arrival = { source: { id: 's' }, receivedAtMs: 0, messageId: 'm' }

describe('flagBot', () => {
  test.for([
    [{ agent: { isBot: true } }, {}, ['user_agent']],
    [{}, { webdriver: true }, ['webdriver']],
    [{ device: { asn: 16509 } }, {}, ['datacentre']],
    [{ device: { botScore: 29 } }, {}, ['bot_score']],
    [
      { agent: { isBot: true }, device: { asn: 24940, botScore: 1 } },
      { webdriver: true },
      ['user_agent', 'webdriver', 'datacentre', 'bot_score'],
    ],
  ] as const)('%j with %j gives %j', ([facts, context, reasons]) => {
    const event = { context }
    const flagged = flagBot(event, { ...arrival, ...facts })
    expect(flagged.context).toEqual({ ...context, bot: { is: true, reasons } })
    expect(flagBot(flagged, { ...arrival, ...facts })).toBe(flagged)
    expect(botReasons(flagged)).toBe(reasons.join(', '))
  })

  test.for([
    [{ agent: { isBot: false }, device: { asn: 3320, botScore: 30 } }, { webdriver: false }],
    [{ device: { asn: 13335 } }, { webdriver: 'true' }],
  ] as const)('takes %j with %j for a person', ([facts, context]) => {
    const event = { context }
    expect(flagBot(event, { ...arrival, ...facts })).toBe(event)
    expect(botReasons(event)).toBeUndefined()
  })

  test('does not look where the source says so', () => {
    const source = { id: 's', bots: 'keep' as const }
    const event = { context: { webdriver: true } }
    expect(flagBot(event, { ...arrival, source })).toBe(event)
  })

  test('keeps what the client had said', () => {
    const flagged = flagBot({ context: { bot: false, webdriver: true } }, arrival)
    expect(flagged).toMatchObject({
      context: { bot: { is: true, reasons: ['webdriver'] } },
      _tributary: { sent: { context: { bot: false } } },
    })
    expect(botReasons({ context: { bot: { is: true } } })).toBe('its sender says so')
  })
})

describe('setPrivacySignal', () => {
  test('records the browser’s word over the page’s', () => {
    const device = { gpc: true } as const
    expect(setPrivacySignal({}, { ...arrival, device })).toEqual({ context: { gpc: true } })
    expect(setPrivacySignal({ context: { gpc: false } }, { ...arrival, device })).toEqual({
      context: { gpc: true },
      _tributary: { sent: { context: { gpc: false } } },
    })
    const event = { context: { gpc: true } }
    expect(setPrivacySignal(event, { ...arrival, device })).toBe(event)
    expect(setPrivacySignal({}, arrival)).toEqual({})
  })
})
