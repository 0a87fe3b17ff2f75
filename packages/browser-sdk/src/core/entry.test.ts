import { expect, test } from 'vitest'
import { bytesOf, composeBody, entryKey, messageIdOf } from './entry.ts'

const uuid = '01936f3e-0000-7000-8000-000000000000'

test.each([
  ['its own uuid', uuid, uuid],
  ['an id that the page chose', 'order-1', `${uuid}order-1`],
])('the key of an event with %s gives its messageId back', (_, messageId, key) => {
  expect(entryKey(uuid, messageId)).toBe(key)
  expect(messageIdOf(key)).toBe(messageId)
})

test('the body is the envelope of the protocol', () => {
  const entries = [
    { key: '1', json: '{"a":1}' },
    { key: '2', json: '{"b":"é"}' },
  ]
  expect(JSON.parse(composeBody('w"k', 0, entries))).toEqual({
    writeKey: 'w"k',
    sentAt: '1970-01-01T00:00:00.000Z',
    verdicts: true,
    batch: [{ a: 1 }, { b: 'é' }],
  })
  expect(bytesOf(entries)).toBe(7 + 1 + 10 + 1)
})
