import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_BATCH_EVENTS } from './limits.ts'
import { mergeEnvelope, parseBatch, parseFirstParty } from './parse-batch.ts'

describe('parseBatch', () => {
  test('reads the envelope and leaves out what has a wrong type', () => {
    expect(
      parseBatch({ batch: [1], writeKey: 'k', sentAt: 5, context: [], verdicts: true }),
    ).toEqual({
      ok: true,
      value: { batch: [1], writeKey: 'k', verdicts: true },
    })
  })

  test('takes a bare array', () => {
    expect(parseBatch([1, 2])).toEqual({ ok: true, value: { batch: [1, 2] } })
  })

  test.for([
    [5, 'not_an_object'],
    [null, 'not_an_object'],
    [{}, 'missing_batch'],
    [{ batch: {} }, 'missing_batch'],
    [{ batch: Array(MAX_BATCH_EVENTS + 1).fill(0) }, 'too_many_events'],
    [{ batch: Array(2500).fill(0), context: { pad: 'x'.repeat(5000) } }, 'body_too_large'],
    [
      { batch: [1], context: JSON.parse('{"a":'.repeat(9000) + 1 + '}'.repeat(9000)) },
      'nested_too_deep',
    ],
  ] as const)('refuses %# with a code', ([input, code]) => {
    expect(parseBatch(input)).toMatchObject({ ok: false, error: { code } })
  })

  test('never throws', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (input) => void parseBatch(input)),
    )
  })
})

describe('mergeEnvelope', () => {
  test('puts the batch under the event, whose own values win', () => {
    const envelope = { batch: [], context: { ip: '1', locale: 'de' }, integrations: { All: false } }
    expect(mergeEnvelope({ context: { ip: '2' } }, envelope)).toEqual({
      context: { ip: '2', locale: 'de' },
      integrations: { All: false },
    })
  })

  test('leaves what is no object, and a context that is none, as it came', () => {
    const envelope = { batch: [], context: { ip: '1' } }
    expect(mergeEnvelope(7, envelope)).toBe(7)
    expect(mergeEnvelope({ context: 'text' }, envelope)).toEqual({ context: 'text' })
  })
})

describe('parseFirstParty', () => {
  test.for<[unknown, unknown]>([
    [{ id: 'a-1_.:Z' }, { id: 'a-1_.:Z' }],
    [
      { id: 'a', fresh: true, more: 1 },
      { id: 'a', fresh: true },
    ],
    [{ id: 'a', fresh: 'yes' }, { id: 'a' }],
    [{ id: '' }, undefined],
    [{ id: 'a;b' }, undefined],
    [{ id: 'a\n' }, undefined],
    [{ id: 'é' }, undefined],
    [{ id: 'x'.repeat(129) }, undefined],
    [{ id: 7 }, undefined],
    [['a'], undefined],
    [null, undefined],
  ])('%j is %j', ([input, expected]) => {
    expect(parseFirstParty(input)).toEqual(expected)
    const batch = parseBatch({ batch: [], firstParty: input })
    expect(batch).toEqual({
      ok: true,
      value: { batch: [], ...(expected === undefined ? {} : { firstParty: expected }) },
    })
  })
})
