import fc from 'fast-check'
import { expect, test } from 'vitest'
import { membersOf } from './json-members.ts'

test('cuts values out as they stand', () => {
  const text =
    '{ "a" : 123456789012345678901234567890.10 ,"b":[1,"]}\\"",{"c":{}}],"__proto__":{"x":"\\\\"},"\\u0064":"e\\\\\\"","f":null,"g":-1e5}'
  expect([...membersOf(text)]).toEqual([
    ['a', '123456789012345678901234567890.10'],
    ['b', '[1,"]}\\"",{"c":{}}]'],
    ['__proto__', '{"x":"\\\\"}'],
    ['d', '"e\\\\\\""'],
    ['f', 'null'],
    ['g', '-1e5'],
  ])
  expect(membersOf('{}').size).toBe(0)
  expect(membersOf(' { } ').size).toBe(0)
})

test('of any object are its members, however it is indented', () => {
  const anyObject = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue())
  fc.assert(
    fc.property(anyObject, fc.nat(3), (object, indent) => {
      const members = membersOf(JSON.stringify(object, null, indent))
      const read = Object.fromEntries([...members].map(([key, json]) => [key, JSON.parse(json)]))
      expect(read).toEqual(JSON.parse(JSON.stringify(object)))
    }),
  )
})

test('of what is cut off are none: that is an error', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(), (value, cut) => {
      const text = JSON.stringify({ value })
      expect(() => membersOf(text.slice(0, cut % text.length))).toThrow(SyntaxError)
    }),
  )
  for (const text of ['', '[]', '{}x', '{"a":1}}', '"a"', '{"a":1']) {
    expect(() => membersOf(text), text).toThrow(SyntaxError)
  }
})
