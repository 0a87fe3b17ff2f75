import { expect, test } from 'vitest'
import { campaignContext, pageContext } from './page-context.ts'

const facts = {
  url: 'https://shop.example/a/b?x=1#part',
  path: '/a/b',
  search: '?x=1',
  title: 'T',
  referrer: 'https://r.example/',
}

test.each([
  ['no link', undefined, '/a/b', 'https://shop.example/a/b?x=1'],
  ['a link', 'https://shop.example/c', '/c', 'https://shop.example/c?x=1'],
  ['a link with a fragment', 'https://shop.example/c#f', '/c', 'https://shop.example/c?x=1'],
  ['a link with a query', 'https://shop.example/c?y=2#f', '/c', 'https://shop.example/c?y=2'],
  ['an empty link', '', '/a/b', 'https://shop.example/a/b?x=1'],
  ['a link that is no address', 'nonsense', '/a/b', 'https://shop.example/a/b?x=1'],
])('with %s the page has the right path and url', (_, canonical, path, url) => {
  const { search, title, referrer } = facts
  expect(pageContext({ ...facts, canonical })).toEqual({ path, url, search, title, referrer })
})

test.each([
  ['', undefined],
  ['?a=1', undefined],
  ['?utm_source=s&utm_campaign=c%20d&utm_x=y&a=1', { source: 's', name: 'c d', x: 'y' }],
  ['?utm_=nothing&utm_medium=', { medium: '' }],
  ['?utm_source=%E0%A4%A', { source: '\ufffd%A' }],
])('the campaign of %j', (search, expected) => {
  expect(campaignContext(search)).toEqual(expected)
})
