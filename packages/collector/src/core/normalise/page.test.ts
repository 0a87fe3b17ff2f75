import { describe, expect, test } from 'vitest'
import { setPage } from './page.ts'

const URL = 'https://shop.example/a/b?x=1'

describe('setPage', () => {
  test('takes path and query from the URL where they are missing', () => {
    expect(setPage({ type: 'track', context: { page: { url: URL } } })).toEqual({
      type: 'track',
      context: { page: { url: URL, path: '/a/b', search: '?x=1' } },
    })
  })

  test.for([
    ['https://shop.example', '/', ''],
    ['https://shop.example?q=%F0%9F', '/', '?q=%F0%9F'],
    ['https://user:pw@shop.example:8443/Ä b/#/route?no=1', '/Ä b/', ''],
    ['HTTPS://Shop.Example/a//b/../c', '/a//b/../c', ''],
  ])('reads %j as it is written', ([url, path, search]) => {
    const event = setPage({ type: 'track', context: { page: { url: url as string } } })
    expect(event.context).toEqual({ page: { url, path, search } })
  })

  test.for([['/relative?x=1'], ['about:blank'], [''], [5], [null], [{}]])(
    'leaves %j alone',
    ([url]) => {
      const event = { type: 'track', context: { page: { url: url as string } } }
      expect(setPage(event)).toBe(event)
    },
  )

  test('completes the page of a page call from its properties, and these from the page', () => {
    const properties = { url: URL, title: 'T', name: 'Home' }
    const page = { referrer: 'https://a.example/' }
    expect(setPage({ type: 'page', properties, context: { page } })).toEqual({
      type: 'page',
      properties: {
        url: URL,
        title: 'T',
        name: 'Home',
        path: '/a/b',
        search: '?x=1',
        referrer: 'https://a.example/',
      },
      context: {
        page: {
          referrer: 'https://a.example/',
          title: 'T',
          url: URL,
          path: '/a/b',
          search: '?x=1',
        },
      },
    })
  })

  test('does not mix two views', () => {
    const event = {
      type: 'page',
      properties: { url: 'https://shop.example/view' },
      context: { page: { url: URL, path: '/a/b', search: '?x=1', title: 'Document' } },
    }
    expect(setPage(event)).toEqual({
      ...event,
      properties: { url: 'https://shop.example/view', path: '/view', search: '' },
    })
  })

  test('leaves the properties of other calls alone', () => {
    const event = { type: 'track', event: 'E', properties: { url: URL } }
    expect(setPage(event)).toBe(event)
  })

  test('adds nothing to an event that knows no page', () => {
    for (const event of [{ type: 'page' }, { type: 'page', properties: null, context: null }]) {
      expect(setPage(event)).toBe(event)
    }
  })
})
