import { describe, expect, test } from 'vitest'
import { readUserAgent } from '../../adapters/user-agent.ts'
import type { Arrival, DeviceFacts } from '../arrival.ts'
import { hintsInHeaders } from '../client-hints.ts'
import { setUserAgent, userAgentOf } from './user-agent.ts'

const CHROME_WINDOWS =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'
const CHROME_ANDROID =
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36'
const CHROME_MAC =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'

/** What becomes of an event's context, with the user agent read as the intake does. */
function contextAfter(context: Record<string, unknown>, device?: DeviceFacts) {
  const event = JSON.parse(JSON.stringify({ context }))
  const arrival: Arrival = { source: { id: 's' }, receivedAtMs: 0, messageId: 'm' }
  if (device) arrival.device = device
  const userAgent = userAgentOf(event, device)
  if (userAgent !== undefined) arrival.agent = readUserAgent(userAgent)
  const once = setUserAgent(event, arrival)
  expect(setUserAgent(once, arrival)).toEqual(once)
  return once.context
}

/** A device as its headers describe it. */
function device(userAgent: string, headers: Record<string, string> = {}): DeviceFacts {
  const hints = hintsInHeaders((name) => headers[name] ?? null)
  return { userAgent, ...(hints && { hints }) }
}

describe('setUserAgent', () => {
  test.for([
    [
      CHROME_WINDOWS,
      { name: 'Chrome', version: '142.0.0.0' },
      { name: 'Windows', version: '10' },
      { type: 'desktop' },
    ],
    [
      CHROME_MAC,
      { name: 'Chrome', version: '142.0.0.0' },
      { name: 'macOS' },
      { type: 'desktop', model: 'Macintosh', manufacturer: 'Apple' },
    ],
    [
      CHROME_ANDROID,
      { name: 'Chrome', version: '142.0.0.0' },
      { name: 'Android' },
      { type: 'mobile' },
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
      { name: 'Mobile Safari', version: '18.6' },
      { name: 'iOS', version: '18.6' },
      { type: 'mobile', model: 'iPhone', manufacturer: 'Apple' },
    ],
    [
      'Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0',
      { name: 'Firefox', version: '143.0' },
      { name: 'Ubuntu' },
      { type: 'desktop' },
    ],
    [
      'Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/24.0 Chrome/117.0.0.0 Mobile Safari/537.36',
      { name: 'Samsung Internet', version: '24.0' },
      { name: 'Android', version: '14' },
      { type: 'mobile', model: 'SM-S918B', manufacturer: 'Samsung' },
    ],
    [
      'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
      { name: 'Chrome', version: '142.0.0.0' },
      { name: 'Chrome OS' },
      { type: 'desktop' },
    ],
  ])('reads %s', ([userAgent, browser, os, kind]) => {
    const expected = { userAgent, browser, os, device: kind }
    expect(contextAfter({ userAgent })).toEqual(expected)
    expect(contextAfter({}, device(userAgent as string))).toEqual(expected)
  })

  test('believes Client Hints before the user agent', () => {
    const headers = {
      'sec-ch-ua': '"Chromium";v="142", "Microsoft Edge";v="142", "Not_A Brand";v="99"',
      'sec-ch-ua-full-version-list': '"Microsoft Edge";v="142.0.3595.53", "Not_A Brand";v="99"',
      'sec-ch-ua-mobile': '?0',
      'sec-ch-ua-platform': '"Windows"',
      'sec-ch-ua-platform-version': '"15.0.0"',
    }
    expect(contextAfter({}, device(CHROME_WINDOWS, headers))).toEqual({
      userAgent: CHROME_WINDOWS,
      browser: { name: 'Edge', version: '142.0.3595.53' },
      os: { name: 'Windows', version: '11' },
      device: { type: 'desktop' },
    })
  })

  test('takes what the hints leave open from the user agent', () => {
    const headers = {
      'sec-ch-ua': '"Not;A=Brand";v="24", "Google Chrome";v="142", "Chromium";v="142"',
      'sec-ch-ua-mobile': '?1',
      'sec-ch-ua-platform': '"Android"',
      'sec-ch-ua-model': '"Pixel 9"',
    }
    expect(contextAfter({}, device(CHROME_ANDROID, headers))).toEqual({
      userAgent: CHROME_ANDROID,
      browser: { name: 'Chrome', version: '142.0.0.0' },
      os: { name: 'Android' },
      device: { type: 'mobile', model: 'Pixel 9' },
    })
    const tablet = { ...headers, 'sec-ch-ua-mobile': '?0' }
    expect(contextAfter({}, device(CHROME_ANDROID, tablet))).toMatchObject({
      device: { type: 'tablet' },
    })
  })

  test('reads the hints that a page sends itself', () => {
    const userAgentData = {
      brands: [{ brand: 'Google Chrome', version: '142' }, { brand: 5 }, null],
      mobile: false,
      platform: 'macOS',
      platformVersion: '15.6.1',
    }
    expect(contextAfter({ userAgent: CHROME_MAC, userAgentData })).toMatchObject({
      browser: { name: 'Chrome', version: '142.0.0.0' },
      os: { name: 'macOS', version: '15.6.1' },
      device: { type: 'desktop', manufacturer: 'Apple' },
    })
    for (const junk of [null, 5, [], { brands: {} }, { brands: [[]], mobile: 'no', platform: 7 }]) {
      expect(contextAfter({ userAgent: CHROME_MAC, userAgentData: junk })).toMatchObject({
        browser: { name: 'Chrome' },
      })
    }
  })

  test('does not describe another browser by the hints of the request', () => {
    const headers = { 'sec-ch-ua': '"Google Chrome";v="142"', 'sec-ch-ua-platform': '"Windows"' }
    const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0'
    expect(contextAfter({ userAgent }, device(CHROME_WINDOWS, headers))).toMatchObject({
      userAgent,
      browser: { name: 'Firefox' },
      os: { name: 'Linux' },
    })
  })

  test('adds to what a mobile SDK says and changes nothing of it', () => {
    const context = {
      userAgent: CHROME_ANDROID,
      os: { name: 'Android', version: '15' },
      device: { id: 'd1', model: 'Pixel 9', type: null },
    }
    expect(contextAfter(context)).toEqual({
      ...context,
      browser: { name: 'Chrome', version: '142.0.0.0' },
      device: { id: 'd1', model: 'Pixel 9', type: 'mobile' },
    })
    const junk = { userAgent: CHROME_ANDROID, device: 'Pixel', os: 'Android', browser: 5 }
    expect(contextAfter(junk)).toEqual(junk)
  })

  test('knows bots, also through a long or an empty user agent', () => {
    expect(
      readUserAgent('Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)')
        .isBot,
    ).toBe(true)
    expect(readUserAgent('curl/8.5.0')).toEqual({ isBot: true })
    expect(readUserAgent(CHROME_WINDOWS).isBot).toBe(false)
    expect(readUserAgent('')).toEqual({ isBot: false })
    expect(readUserAgent(`${CHROME_WINDOWS} ${'x'.repeat(100_000)}`).isBot).toBe(false)
  })

  test('says nothing where nothing is known', () => {
    expect(contextAfter({ locale: 'de' })).toEqual({ locale: 'de' })
    expect(contextAfter({ userAgent: 7 })).toEqual({ userAgent: 7 })
  })
})
