import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeRequest, type RequestOptions, readRequestOptions } from './request-facts.ts'

function describeIt(
  headers: Record<string, string>,
  options: RequestOptions = {},
  { url = 'http://shop.test/cart?a=1#x', remoteAddress = '192.0.2.1' } = {},
) {
  const facts = { url, remoteAddress, header: (name: string) => headers[name] }
  return describeRequest(facts, readRequestOptions(options))
}

describe('the address', () => {
  const forged = {
    'x-forwarded-for': '1.1.1.1',
    'cf-connecting-ip': '2.2.2.2',
    'x-real-ip': '3.3.3.3',
  }
  it("is the socket's, whatever the headers say", () => {
    expect(describeIt(forged).context?.ip).toBe('192.0.2.1')
  })

  it.each([
    [1, '6.6.6.6, 203.0.113.9', '203.0.113.9'],
    [2, '6.6.6.6, 203.0.113.9, 10.0.0.1', '203.0.113.9'],
    [2, '203.0.113.9', '203.0.113.9'],
    [1, '', '192.0.2.1'],
    [1, '203.0.113.9, unknown', undefined],
    [1, ' 203.0.113.9:4711 ', '203.0.113.9'],
    [1, '[2001:DB8::1]:4711', '2001:db8::1'],
    [1, '2001:db8::1', '2001:db8::1'],
    [1, '::ffff:203.0.113.9', '203.0.113.9'],
    [1, '<script>', undefined],
  ])('behind %i proxies that forward "%s" is %s', (proxies, forwarded, ip) => {
    expect(describeIt({ 'x-forwarded-for': forwarded }, { proxies }).context?.ip).toBe(ip)
  })

  it('is that of the header that the operator names, and no other where that is missing', () => {
    expect(describeIt(forged, { ipHeader: 'CF-Connecting-IP' }).context?.ip).toBe('2.2.2.2')
    expect(describeIt({}, { ipHeader: 'cf-connecting-ip' }).context).not.toHaveProperty('ip')
  })

  it('is left out where there is no socket', () => {
    const { context } = describeIt({}, {}, { remoteAddress: '' })
    expect(context).not.toHaveProperty('ip')
  })
})

describe('the page', () => {
  it('is the address that was asked for, without its fragment', () => {
    expect(
      describeIt({
        referer: 'https://search.test/',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-site': 'cross-site',
      }).context?.page,
    ).toEqual({
      url: 'http://shop.test/cart?a=1',
      path: '/cart',
      search: '?a=1',
      referrer: 'https://search.test/',
    })
  })

  it("of a script's request is the page that the script is on", () => {
    const headers = { 'sec-fetch-mode': 'cors', referer: 'https://shop.test/shelf?b=2' }
    const page = { url: 'https://shop.test/shelf?b=2', path: '/shelf', search: '?b=2' }
    expect(describeIt({ ...headers, 'sec-fetch-site': 'same-origin' }).context?.page).toEqual(page)
    // All that is known of the page is its origin.
    expect(describeIt({ ...headers, 'sec-fetch-site': 'cross-site' }).context?.page).toBeUndefined()
  })

  it('of a program is the address that it asks for', () => {
    expect(describeIt({ 'sec-fetch-mode': 'cors' }).context?.page?.path).toBe('/cart')
  })

  it('has the public name where proxies tell it, and are trusted', () => {
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'example.com, inner' }
    expect(describeIt(headers, { proxies: 1 }).context?.page?.url).toBe(
      'https://example.com/cart?a=1',
    )
    expect(describeIt(headers).context?.page?.url).toBe('http://shop.test/cart?a=1')
    const broken = { 'x-forwarded-host': 'a b<' }
    expect(describeIt(broken, { proxies: 1 }).context?.page?.path).toBe('/cart')
  })
})

describe('the anonymous id', () => {
  it.each([
    ['tributary_id_js=a1', 'a1'],
    ['x=1; tributary_id=http-only; tributary_id_js=a%20b', 'a b'],
    ['tributary_id=http-only', 'http-only'],
    ['tributary_id_js=; tributary_id=http-only', 'http-only'],
    ['tributary_id_js=first; tributary_id_js=second', 'first'],
    ['tributary_id_js=%E0%A4%A; tributary_id=x', 'x'],
    ['tributary_id_js=a=b', 'a=b'],
    ['not_tributary_id_js=1; ', undefined],
    [`tributary_id_js=${'x'.repeat(257)}`, undefined],
    ['', undefined],
  ])('of the cookie "%s" is %s', (cookie, id) => {
    expect(describeIt({ cookie }).anonymousId).toBe(id)
  })

  it('is in the cookies that the operator names', () => {
    const cookie = 'tributary_id_js=a; ajs_anonymous_id=b'
    expect(describeIt({ cookie }, { cookies: ['ajs_anonymous_id'] }).anonymousId).toBe('b')
  })
})

it.each([
  ['de-DE,de;q=0.9,en;q=0.8', 'de-DE'],
  ['en', 'en'],
  ['zh-Hant-TW;q=1', 'zh-Hant-TW'],
  ['*', undefined],
  ['"x"', undefined],
])('of the languages "%s" the locale is %s', (header, locale) => {
  expect(describeIt({ 'accept-language': header }).context?.locale).toBe(locale)
})

it.each<[RequestOptions, string]>([
  [{ proxies: -1 }, 'proxies'],
  [{ proxies: 1.5 }, 'proxies'],
  [{ ipHeader: '' }, 'ipHeader'],
  [{ cookies: [''] }, 'cookies'],
  [{ cookies: 'x' as never }, 'cookies'],
])('the options %j are refused by name', (options, name) => {
  expect(() => readRequestOptions(options)).toThrow(`"${name}"`)
})

it('no header whatever makes it throw', () => {
  const names = [
    'cookie',
    'referer',
    'accept-language',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'sec-fetch-mode',
    'sec-fetch-site',
  ]
  const hostile = fc.oneof(
    fc.string(),
    fc.constantFrom('%', '=', ',', 'http://', 'tributary_id_js=%'),
  )
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...names), hostile)),
      fc.string(),
      (pairs, url) => {
        const { context } = describeIt(Object.fromEntries(pairs), { proxies: 1 }, { url })
        expect(JSON.parse(JSON.stringify(context))).toEqual(context)
      },
    ),
  )
})
