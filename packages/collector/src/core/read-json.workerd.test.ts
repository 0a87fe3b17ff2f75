import { isDeeperThan, isJsonObject } from '@tributary/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readJson } from './read-json.ts'

/** In workerd, because Node 20 has no `JSON.rawJSON`. */
const rewrite = (text: string) => JSON.stringify(readJson(text))

/** A number's sign, digits and power of ten: equal for equal numbers, whatever their size. */
function exactly(number: string): [string, string, number] {
  const [mantissa = '', exponent = '0'] = number.toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.')
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  const power = Number(exponent) - fraction.length + digits.length - significant.length
  return [number.startsWith('-') ? '-' : '+', significant, significant === '' ? 0 : power]
}

describe('numbers', () => {
  test.for([
    '12345678901234567890',
    '1e400',
    '-1e400',
    '1e-400',
    '-0',
    '-0.0',
    '0.1000000000000000055511151231257827',
    '123456789.1234567890123',
    '[1,12345678901234567890]',
    '{"a":[[{"b": -12345678901234567890}]]}',
  ])('%s is written as it came', (number) => {
    expect(rewrite(`{"n":${number}}`)).toBe(`{"n":${number.replaceAll(' ', '')}}`)
  })

  test('whatever their form, are the same numbers when written again', () => {
    const digits = fc.stringMatching(/^(0|[1-9][0-9]{0,25})$/)
    const fraction = fc.stringMatching(/^(\.[0-9]{1,25})?$/)
    const exponent = fc.stringMatching(/^([eE][+-]?[0-9]{1,3})?$/)
    const token = fc
      .tuple(fc.constantFrom('', '-'), digits, fraction, exponent)
      .map((parts) => parts.join(''))
    const property = fc.property(token, token, (a, b) => {
      const [first = '', second = ''] = rewrite(`{"n":[${a}, ${b}]}`).slice(6, -2).split(',')
      expect([exactly(first), exactly(second)]).toEqual([exactly(a), exactly(b)])
    })
    fc.assert(property, { numRuns: 2000 })
  })

  test('that a double holds stay numbers', () => {
    const text = '{"n":[1,-2.5,1e3,0.30000000000000004,1700000000000,9007199254740991,0]}'
    expect(readJson(text)).toEqual(JSON.parse(text))
  })

  test('that keep their digits are neither objects nor a level', () => {
    const { n } = readJson('{"n":12345678901234567890}') as { n: unknown }
    expect(isJsonObject(n)).toBe(false)
    expect(isDeeperThan({ n }, 1)).toBe(false)
    expect(isJsonObject({ rawJSON: '1' })).toBe(true)
  })
})

describe('ids', () => {
  const event = '{"userId":12345678901234567890,"properties":{"userId":12345678901234567890}}'
  const read = {
    userId: '12345678901234567890',
    properties: { userId: expect.objectContaining({ rawJSON: '12345678901234567890' }) },
  }
  test('of an event become text; what an event tells of others stays a number', () => {
    expect(readJson(event)).toMatchObject(read)
    expect(readJson(`[${event}]`)).toMatchObject([read])
    expect(readJson(`{"batch":[5,${event}]}`)).toMatchObject({ batch: [5, read] })
    expect(readJson('{"userId":1000000000000000000000}')).toEqual({
      userId: '1000000000000000000000',
    })
  })
})

test('everything else is as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(rewrite(text)).toBe(rewrite(JSON.stringify(JSON.parse(text))))
    }),
  )
  expect(readJson('nonsense')).toBeUndefined()
  expect(Object.keys(readJson('{"__proto__":{"n":1e400}}') as object)).toEqual(['__proto__'])
})

test('a depth that only JSON.parse can follow is no reason to take the text for nonsense', () => {
  const text = `{"a":1e400,"b":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
  expect(readJson(text)).toBeDefined()
})
