import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_EVENT_DEPTH } from './limits.ts'
import { parseEvent } from './parse-event.ts'

const track = { type: 'track', event: 'E', userId: 'u' }

function nested(levels: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < levels; level++) value = [value]
  return value
}

describe('parseEvent', () => {
  test.for([
    [track],
    [{ type: 'identify', anonymousId: 'a' }],
    [{ type: 'page', userId: 5 }],
    [{ type: 'screen', anonymousId: 'a', name: 'Home' }],
    [{ type: 'group', userId: 'u', groupId: 'g' }],
    [{ type: 'alias', userId: 'u', previousId: 'p' }],
    [{ ...track, userId: 'null', properties: null, anything: ['else'] }],
    [{ ...track, userId: {} }],
    [{ type: 'page', userId: null }],
    [{ type: 'page', userId: '' }],
    [{ type: 'screen', anonymousId: null }],
    [{ type: 'group', userId: '', groupId: null }],
    [{ type: 'alias', userId: null, previousId: '' }],
  ])('takes %j as it is', ([event]) => {
    expect(parseEvent(event)).toEqual({ ok: true, value: event })
  })

  test('the call that a path names wins over the type', () => {
    expect(parseEvent({ userId: 'u' }, 'page')).toMatchObject({ ok: true, value: { type: 'page' } })
    expect(parseEvent({ ...track, type: 'x' }, 'track')).toMatchObject({ ok: true })
  })

  test.for([
    [null, 'not_an_object'],
    ['text', 'not_an_object'],
    [[track], 'not_an_object'],
    [{ ...track, type: undefined }, 'unknown_type'],
    [{ ...track, type: 'toString' }, 'unknown_type'],
    [{ ...track, event: '' }, 'missing_event_name'],
    [{ ...track, event: 7 }, 'missing_event_name'],
    [{ type: 'track', event: 'E' }, 'missing_identity'],
    [{ type: 'group', userId: 'u' }, 'missing_group_id'],
    [{ type: 'alias', userId: 'u' }, 'missing_previous_id'],
    [{ type: 'alias', previousId: 'p' }, 'missing_user_id'],
    [{ ...track, properties: [] }, 'invalid_field'],
    [{ ...track, context: 'text' }, 'invalid_field'],
    [{ ...track, properties: nested(MAX_EVENT_DEPTH) }, 'nested_too_deep'],
  ] as const)('refuses %j as %s', ([event, code]) => {
    expect(parseEvent(event)).toMatchObject({ ok: false, error: { code } })
  })

  test('takes the deepest nesting that is allowed', () => {
    const event = { ...track, properties: { a: nested(MAX_EVENT_DEPTH - 2) } }
    expect(parseEvent(event).ok).toBe(true)
  })

  test('never throws', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (input) => void parseEvent(input)),
    )
  })
})
