import { describe, expect, test } from 'vitest'
import type { Arrival } from '../arrival.ts'
import { stripSecrets } from './secrets.ts'

const arrival: Arrival = {
  source: { id: 's', secretParameters: ['voucher', 'a.b'] },
  receivedAtMs: 0,
  messageId: 'm',
}
const withUrl = (url: string) => ({ context: { page: { url } } })

describe('stripSecrets', () => {
  test.for([
    ['https://a.example/?token=abc', 'https://a.example/?token=[removed]'],
    [
      'https://a.example/?x=1&Access_Token=abc&y=2#z',
      'https://a.example/?x=1&Access_Token=[removed]&y=2#z',
    ],
    ['https://a.example/#id_token=a.b.c&state=1', 'https://a.example/#id_token=[removed]&state=1'],
    ['https://a.example/#/reset?password=x y"z', 'https://a.example/#/reset?password=[removed]'],
    ['https://u:p@a.example:8080/x', 'https://[removed]@a.example:8080/x'],
    ['https://ghp_abc@a.example/', 'https://[removed]@a.example/'],
    ['https://u:p@ss@a.example/@b', 'https://[removed]@a.example/@b'],
    ['//u:p@a.example/', '//[removed]@a.example/'],
    ['https://a.example/p;jsessionid=1A2B?x=1', 'https://a.example/p;jsessionid=[removed]?x=1'],
    [
      'https://a.example/?next=%2Fin%3Ftoken%3Dabc%26x%3D1&y=2',
      'https://a.example/?next=%2Fin%3Ftoken%3D[removed]%26x%3D1&y=2',
    ],
    ['https://a.example/?next=/in?token=abc', 'https://a.example/?next=/in?token=[removed]'],
    ['https://a.example/?email=ann@b.example', 'https://a.example/?email=[removed]'],
    [
      'https://a.example/?Voucher=1&a.b=2&axb=3',
      'https://a.example/?Voucher=[removed]&a.b=[removed]&axb=3',
    ],
    ['https://a.example/?token=a&token=b', 'https://a.example/?token=[removed]&token=[removed]'],
  ])('makes %s %s', ([url, stripped]) => {
    const once = stripSecrets(withUrl(url as string), arrival)
    expect(once).toEqual({
      ...withUrl(stripped as string),
      _tributary: { flags: ['secrets_removed'] },
    })
    expect(stripSecrets(once, arrival)).toEqual(once)
  })

  test.for([
    ['https://a.example/@ann?q=a@b.example'],
    ['https://a.example/?code=SUMMER&key=name&tokens=3&xtoken=1&token='],
    ['https://a.example/?q=%E4&r=%zz&x=1&&y#a=b'],
    ['https://a.example/token=abc'],
    ['mailto:ann@a.example'],
    [''],
  ])('leaves %s as it is', ([url]) => {
    const event = withUrl(url as string)
    expect(stripSecrets(event, arrival)).toBe(event)
  })

  test('looks at every field that holds a URL', () => {
    const urls = { url: '//a/?jwt=x', search: 'jwt=x', referrer: '//b/?jwt=x', path: '/c?jwt=x' }
    const event = {
      properties: { ...urls, other: '//a/?jwt=x' },
      context: { page: urls, referrer: { url: '//b/?jwt=x' } },
    }
    const stripped = stripSecrets(event, arrival)
    expect(
      JSON.stringify({ ...stripped, properties: { ...(stripped.properties as object), other: 0 } }),
    ).not.toContain('jwt=x')
    expect(stripped).toMatchObject({ properties: { other: '//a/?jwt=x' } })
  })

  test('takes whatever stands in these fields', () => {
    for (const junk of [null, 5, [], {}, ['//a/?jwt=x']]) {
      const event = { properties: junk, context: { page: junk, referrer: junk } }
      expect(stripSecrets(event, arrival)).toBe(event)
      const inside = { context: { page: { url: junk, search: junk } } }
      expect(stripSecrets(inside, arrival)).toBe(inside)
    }
  })

  test('is quick on texts made to be slow', () => {
    const started = performance.now()
    for (const text of ['?token', '%3ftoken', ';token', '@', '//', '%26', '=']) {
      stripSecrets(withUrl(`https://a.example/${text.repeat(20_000)}=`), arrival)
    }
    expect(performance.now() - started).toBeLessThan(2000)
  })
})
