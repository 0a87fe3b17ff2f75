import { isDeeperThan, MAX_EVENT_DEPTH } from '@tributary/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pixelEvent } from './pixel-event.ts'

const read = (query: string) => pixelEvent(new URLSearchParams(query), JSON.parse)

describe('dotted parameters', () => {
  test.for<[string, object]>([
    ['userId=u&properties.a.b=1', { userId: 'u', properties: { a: { b: '1' } } }],
    ['writeKey=k&cookie_domain=d&destination_url=e&x=1', { x: '1' }],
    ['a=1&a.b=2', { a: '1', 'a.b': '2' }],
    ['a.b=2&a=1', { a: '1', 'a.b': '2' }],
    ['a=1&a=2', { a: ['1', '2'] }],
    ['a..b=1&.=2', { a: { '': { b: '1' } }, '': { '': '2' } }],
  ])('%s', ([query, expected]) => {
    expect(read(query)).toEqual(expected)
  })

  test('can neither reach a prototype nor nest without bound', () => {
    const event = read(
      `__proto__.x=1&constructor.prototype.y=2&${'a.'.repeat(10_000)}b=3`,
    ) as object
    expect(Object.keys(event)).toEqual(['__proto__', 'constructor', `${'a.'.repeat(10_000)}b`])
    expect({}).not.toHaveProperty('x')
    expect({}).not.toHaveProperty('y')
  })

  test('whatever they are, no value is lost and no level too many made', () => {
    const name = fc.array(fc.constantFrom('a', 'b', '__proto__', ''), { maxLength: 80 })
    const pairs = fc.uniqueArray(
      name.map((parts) => parts.join('.')),
      { maxLength: 8 },
    )
    fc.assert(
      fc.property(pairs, (names) => {
        const query = new URLSearchParams(names.map((key, index) => [key, `value${index}`]))
        const event = pixelEvent(query, JSON.parse)
        expect(isDeeperThan(event, MAX_EVENT_DEPTH)).toBe(false)
        const text = JSON.stringify(event)
        for (const index of names.keys()) expect(text).toContain(`"value${index}"`)
      }),
    )
  })
})
