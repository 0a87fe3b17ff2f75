import fc from 'fast-check'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import {
  byteLength,
  composeBody,
  type Entry,
  entryKey,
  messageIdOf,
  readRow,
  rowText,
  timeOf,
} from './entry.ts'

const uuid = '01936f3e-0000-7000-8000-000000000000'

/** Any text that can be encoded: with a half of a surrogate pair no event gets as far as a row. */
const anyText = fc.string({ unit: 'binary' })

test('a key gives back the time of the call', () => {
  expect(timeOf(entryKey(v7({ msecs: 1_795_352_000_123 }), 'own'))).toBe(1_795_352_000_123)
})

test('rows survive every messageId and every JSON', () => {
  const event = fc.tuple(fc.option(anyText), fc.dictionary(anyText, fc.json()))
  fc.assert(
    fc.property(fc.array(event, { minLength: 1 }), (events) => {
      const entries: Entry[] = events.map(([messageId, fields]) => {
        const id = v7()
        return { key: entryKey(id, messageId || id), eventJson: JSON.stringify(fields), row: 'r' }
      })
      expect(readRow('r', rowText(entries))).toEqual(entries)
    }),
  )
})

test('the key of an event gives its messageId back', () => {
  fc.assert(
    fc.property(anyText, (messageId) => {
      expect(messageIdOf({ key: entryKey(uuid, messageId || uuid) })).toBe(messageId || uuid)
    }),
  )
})

test('keys sort by the time of the call, whatever the messageId', () => {
  fc.assert(
    fc.property(anyText, anyText, (one, other) => {
      const earlier = entryKey(v7({ msecs: 1 }), one)
      expect(earlier < entryKey(v7({ msecs: 2 }), other)).toBe(true)
    }),
  )
})

test('an empty row has no entries', () => {
  expect(readRow('r', '')).toEqual([])
  expect(rowText([])).toBe('')
})

test('the body is the envelope of the protocol', () => {
  const entries = ['{"a":1}', '{"b":"é"}'].map((eventJson) => ({ key: uuid, eventJson, row: uuid }))
  expect(JSON.parse(composeBody({ writeKey: 'w"k', firstParty: undefined }, entries))).toEqual({
    writeKey: 'w"k',
    batch: [{ a: 1 }, { b: 'é' }],
  })
  expect(byteLength('é漢')).toBe(5)
})

test('a row that somebody else has written is read, whatever it is', () => {
  expect(readRow('r', 5 as unknown as string)).toEqual([])
  expect(readRow('r', 'x'.repeat(40))).toEqual([])
  const [entry] = readRow('r', `${'u'.repeat(36)}%{"a":1}`)
  expect(messageIdOf(entry as Entry)).toBe(`${'u'.repeat(36)}%`)
})
