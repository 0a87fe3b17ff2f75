import { describe, expect, it } from 'vitest'
import { type CallContext, fillCall, mergeContext } from './call-context.ts'

const context = { ip: '192.0.2.1' }

describe('a call inside a request', () => {
  it.each<[string, object, CallContext, object]>([
    [
      'gets the ids of the request',
      {},
      { userId: 'u', anonymousId: 'a' },
      { userId: 'u', anonymousId: 'a' },
    ],
    [
      'joins the browser with the person who logs in',
      { userId: 'u' },
      { anonymousId: 'a' },
      { userId: 'u', anonymousId: 'a' },
    ],
    [
      'of the same person gets the browser',
      { userId: 'u' },
      { userId: 'u', anonymousId: 'a' },
      { userId: 'u', anonymousId: 'a' },
    ],
    [
      'of the same browser gets the person',
      { anonymousId: 'a' },
      { userId: 'u', anonymousId: 'a' },
      { userId: 'u', anonymousId: 'a' },
    ],
    [
      'keeps a browser of its own, which the request does not know',
      { anonymousId: 'b' },
      { userId: 'u' },
      { anonymousId: 'b' },
    ],
    [
      'of the same person keeps another browser',
      { userId: 'u', anonymousId: 'b' },
      { userId: 'u', anonymousId: 'a' },
      { userId: 'u', anonymousId: 'b' },
    ],
    [
      'gets the id made for the request, where there is no other',
      {},
      { fallbackAnonymousId: 'f' },
      { anonymousId: 'f' },
    ],
    [
      'gets no made id beside a real one',
      { userId: 'u' },
      { fallbackAnonymousId: 'f' },
      { userId: 'u' },
    ],
    ['takes null for no id', { userId: null }, { userId: 'u' }, { userId: 'u' }],
  ])('%s', (_, call, request, ids) => {
    expect(fillCall('track', call, { ...request, context })).toEqual({ ...ids, context })
  })

  it.each<[string, object, CallContext]>([
    ['another person', { userId: 'v' }, { userId: 'u', anonymousId: 'a' }],
    ['another browser', { anonymousId: 'b' }, { userId: 'u', anonymousId: 'a' }],
    [
      'another person in the same browser',
      { userId: 'v', anonymousId: 'a' },
      { userId: 'u', anonymousId: 'a' },
    ],
  ])('that names %s carries nothing of it', (_, call, request) => {
    expect(fillCall('track', call, { ...request, context, fallbackAnonymousId: 'f' })).toBe(call)
  })

  it('that is an alias gets circumstances and no ids', () => {
    const call = { userId: 'u', previousId: 'old' }
    const request = { anonymousId: 'a', context, fallbackAnonymousId: 'f' }
    expect(fillCall('alias', call, request)).toEqual({ ...call, context })
  })

  it("has the last word on its context, one level deep, and leaves the caller's object alone", () => {
    const page = Object.freeze({ title: 'Cart' })
    const call = Object.freeze({
      userId: 'u',
      context: Object.freeze({ page, ip: '198.51.100.1', app: {} }),
    })
    const request = {
      context: { ip: '192.0.2.1', locale: 'de', page: { path: '/cart', title: 'Shop' } },
    }
    expect(fillCall('track', call, request)?.context).toEqual({
      ip: '198.51.100.1',
      locale: 'de',
      app: {},
      page: { path: '/cart', title: 'Cart' },
    })
    expect(request.context.page.title).toBe('Shop')
  })

  it.each([undefined, null, 5, 'x', []])('may be %j, which is for the check to refuse', (call) => {
    expect(fillCall('track', call as never, { userId: 'u' })).toBe(call)
  })
})

it('a context over another keeps what it does not name', () => {
  const base = { anonymousId: 'a', userId: 'u', context: { ip: '192.0.2.1', page: { path: '/' } } }
  const over = { userId: 'v', context: { page: { title: 'T' }, locale: 'de' } }
  expect(mergeContext(base, over)).toEqual({
    anonymousId: 'a',
    userId: 'v',
    context: { ip: '192.0.2.1', locale: 'de', page: { path: '/', title: 'T' } },
  })
  expect(base.context.page).toEqual({ path: '/' })
})
