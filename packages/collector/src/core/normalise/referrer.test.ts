import { describe, expect, test } from 'vitest'
import { setReferrer } from './referrer.ts'

const from = (referrer: string, url = 'https://www.shop.example/') => ({
  context: { page: { referrer, url } },
})

describe('setReferrer', () => {
  test.for([
    ['https://www.google.com/', 'www.google.com', 'search'],
    ['https://www.google.co.uk/', 'www.google.co.uk', 'search'],
    ['https://google.de/search?q=x', 'google.de', 'search'],
    ['android-app://com.google.android.googlequicksearchbox/', undefined, 'search'],
    ['https://duckduckgo.com/', 'duckduckgo.com', 'search'],
    ['https://search.yahoo.com/', 'search.yahoo.com', 'search'],
    ['https://yandex.ru/', 'yandex.ru', 'search'],
    ['https://l.facebook.com/l.php?u=x', 'l.facebook.com', 'social'],
    ['https://t.co/abc', 't.co', 'social'],
    ['https://de.pinterest.com/', 'de.pinterest.com', 'social'],
    ['https://old.reddit.com/r/x', 'old.reddit.com', 'social'],
    ['https://m.youtube.com/', 'm.youtube.com', 'video'],
    ['https://www.amazon.co.jp/', 'www.amazon.co.jp', 'shopping'],
    ['https://shopping.google.com/', 'shopping.google.com', 'shopping'],
    ['https://chatgpt.com/', 'chatgpt.com', 'ai'],
    ['https://www.perplexity.ai/', 'www.perplexity.ai', 'ai'],
    ['https://gemini.google.com/app', 'gemini.google.com', 'ai'],
    ['https://copilot.microsoft.com/', 'copilot.microsoft.com', 'ai'],
    ['https://mail.google.com/', 'mail.google.com', 'email'],
    ['android-app://com.google.android.gm/', undefined, 'email'],
    ['https://outlook.live.com/', 'outlook.live.com', 'email'],
    ['https://docs.google.com/', 'docs.google.com', 'other'],
    ['https://blog.example.org/post', 'blog.example.org', 'other'],
    ['https://google.com.evil.example/', 'google.com.evil.example', 'other'],
    ['https://notfacebook.com/', 'notfacebook.com', 'other'],
    ['https://shop.example/a', 'shop.example', 'internal'],
    ['https://account.shop.example/', 'account.shop.example', 'internal'],
    ['HTTPS://WWW.SHOP.EXAMPLE:443/', 'www.shop.example', 'internal'],
  ])('%s is %s, %s', ([referrer, domain, type]) => {
    const { context } = setReferrer(from(referrer as string))
    expect(context).toMatchObject({ referrer: { url: referrer, type, ...(domain && { domain }) } })
  })

  test.for([
    ['https://a.co.uk/', 'https://b.co.uk/', 'other'],
    ['https://www.a.co.uk/', 'https://shop.a.co.uk/', 'internal'],
    ['https://me.github.io/', 'https://you.github.io/', 'other'],
    ['http://localhost:3000/', 'http://localhost:8080/', 'internal'],
    ['http://10.0.0.1/', 'http://10.0.0.2/', 'other'],
    ['http://[::1]:80/', 'http://[::1]:3000/', 'internal'],
  ])('from %s to %s is %s', ([referrer, url, type]) => {
    expect(setReferrer(from(referrer as string, url)).context).toMatchObject({ referrer: { type } })
  })

  test('completes a referrer that the client has sent', () => {
    const sent = { id: 'abc', url: 'https://www.bing.com/' }
    const context = { page: { url: 'https://shop.example/' }, referrer: sent }
    expect(setReferrer({ context }).context).toMatchObject({
      referrer: { ...sent, domain: 'www.bing.com', type: 'search' },
    })
    const own = { ...context, referrer: { url: sent.url, domain: 'x', type: 'partner' } }
    const event = { context: own }
    expect(setReferrer(event)).toBe(event)
  })

  test.for([[''], ['about:blank'], ['$direct'], ['/path']])('finds none in %j', ([referrer]) => {
    const event = from(referrer as string)
    expect(setReferrer(event)).toBe(event)
  })
})
