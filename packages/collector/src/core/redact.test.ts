import { describe, expect, test } from 'vitest'
import { addressesInPayload, redactPayload } from './redact.ts'

const source = { id: 's', ip: 'remove' as const, secretParameters: ['voucher'] }
const event = {
  userId: 5,
  ip: '203.0.113.9',
  context: { ip: '203.0.113.9', page: { url: 'https://a.example/?voucher=x&y=1' }, custom: [1] },
}
const redacted = {
  userId: 5,
  context: { page: { url: 'https://a.example/?voucher=[removed]&y=1' }, custom: [1] },
}

describe('redactPayload', () => {
  test('takes out of an event, a list and a batch what is forbidden, and nothing else', () => {
    expect(redactPayload(event, source)).toEqual(redacted)
    expect(redactPayload([event, 7], source)).toEqual([redacted, 7])
    const batch = { writeKey: 'k', context: event.context, batch: [event, null] }
    expect(redactPayload(batch, source)).toEqual({
      writeKey: 'k',
      context: redacted.context,
      batch: [redacted, null],
    })
  })

  test.for([[null], [5], [true], [[]], [{}], [{ context: [], batch: {}, properties: 5 }]])(
    'leaves %j as it came',
    ([payload]) => {
      expect(redactPayload(payload as object as never, source)).toEqual(payload)
    },
  )

  test('looks into a text that is no JSON', () => {
    const text = '{"context": {"ip" : "203.0.113.9", "url":"/?token=abc","a":1}, "ip":"203.0.1'
    expect(redactPayload(text, source)).toBe(
      '{"context": {"ip" : "[removed]", "url":"/?token=[removed]","a":1}, "ip":"[removed]"',
    )
    expect(redactPayload('{"ip":"203.0.113.9"', { id: 's' })).toBe('{"ip":"203.0.113.9"')
  })

  test.for([
    [`{batch:[{context:{ip:'203.0.113.9'}}]`, `{batch:[{context:{ip:'[removed]'}}]`],
    ['a=1&ip=203.0.113.9&zip=203', 'a=1&ip=[removed]&zip=203'],
    [
      'context.ip=203.0.113.9&context[ip]=203.0.113.9',
      'context.ip=[removed]&context[ip]=[removed]',
    ],
    ['data=%7B%22ip%22%3A%22203.0.113.9%22%7D', 'data=%7B%22ip%22%3A[removed]%7D'],
    ['{"url":"https:\\/\\/me:pw@a.example\\/"', '{"url":"https:\\/\\/[removed]@a.example\\/"'],
    ['{"url":"https://me:pw@a.example/"', '{"url":"https://[removed]@a.example/"'],
  ])('looks into %s', ([text, expected]) => {
    expect(redactPayload(text as string, source)).toBe(expected)
  })

  test('looks into bytes that are no text', () => {
    const kept = redactPayload(`base64:${btoa('\xff{"ip":"203.0.113.9"')}`, source)
    expect(kept).toBe(`base64:${btoa('\xff{"ip":"[removed]"')}`)
    expect(redactPayload('base64:%%', source)).toBe('base64:%%')
  })

  test('looks into what has not the shape that it should have', () => {
    expect(redactPayload({ context: [event.context] }, source)).toEqual({
      context: [{ page: redacted.context.page, custom: [1] }],
    })
    expect(redactPayload({ context: '{"ip":"203.0.113.9"}' }, source)).toEqual({
      context: '{"ip":"[removed]"}',
    })
    expect(redactPayload({ batch: event }, source)).toEqual({ batch: redacted })
  })

  test('looks into no more batches within batches than a stack has room for', () => {
    const deep = JSON.parse(`${'{"batch":'.repeat(100_000)}1${'}'.repeat(100_000)}`)
    expect(() => redactPayload(deep, source)).not.toThrow()
  })

  test('finds the addresses that it may need the hash of', () => {
    expect(addressesInPayload({ ip: 'a', context: { ip: 'b' }, batch: [event, null, 5] })).toEqual([
      'a',
      'b',
      '203.0.113.9',
      '203.0.113.9',
    ])
    for (const none of [null, 5, 'text', {}, [], { batch: 5 }, { ip: 5, context: [] }]) {
      expect(addressesInPayload(none)).toEqual([])
    }
  })
})
