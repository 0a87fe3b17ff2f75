import { expect, test } from 'vitest'
import { applyCanonical, followViews, type PageFacts } from './page-context.ts'

const facts = {
  url: 'https://shop.example/a/b?x=1',
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
  const page: PageFacts = { ...facts, canonical }
  applyCanonical(page)
  expect(page).toEqual({ ...facts, path, url })
})

test("the referrer is where a single-page app was before, and until it moves the browser's own", () => {
  const follow = followViews()
  const referrers = ['/1', '/1', '/2', '/2', '/3', '/1'].map((path) => {
    const page = { ...facts, path, url: `https://shop.example${path}` }
    follow(page)
    return page.referrer
  })
  expect(referrers).toEqual([
    'https://r.example/',
    'https://r.example/',
    'https://shop.example/1',
    'https://shop.example/1',
    'https://shop.example/2',
    'https://shop.example/3',
  ])
})
