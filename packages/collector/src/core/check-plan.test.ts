import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { checkPlan } from './check-plan.ts'
import type { StandardSchema, TrackingPlan } from './plan.ts'
import type { StoredEvent } from './stored-event.ts'

const event = (properties: unknown, name = 'Order Completed') =>
  ({
    type: 'track',
    event: name,
    messageId: 'm',
    source: 's',
    receivedAt: '',
    timestamp: '',
    ...(properties !== undefined && { properties }),
  }) as StoredEvent

const schemas: Record<string, StandardSchema> = {
  zod: z.object({ total: z.number(), items: z.array(z.object({ sku: z.string() })) }),
  valibot: v.object({ total: v.number(), items: v.array(v.object({ sku: v.string() })) }),
  arktype: type({ total: 'number', items: type({ sku: 'string' }).array() }),
  'zod, asynchronous': z
    .object({ total: z.number(), items: z.array(z.object({ sku: z.string() })) })
    .refine(async () => true),
}

const planOf = (schema: StandardSchema, more: Partial<TrackingPlan> = {}): TrackingPlan => ({
  events: { 'Order Completed': schema },
  ...more,
})

describe.for(Object.entries(schemas))('a plan of %s', ([, schema]) => {
  test('passes what is right', async () => {
    const right = event({ total: 5, items: [{ sku: 'A' }], more: true })
    expect(await checkPlan(right, planOf(schema))).toEqual({ ok: true, value: right })
  })

  test('flags what is wrong, with its place', async () => {
    const wrong = event({ total: '5', items: [{ sku: 'A' }, { sku: 7 }] })
    const checked = await checkPlan(wrong, planOf(schema))
    expect(checked).toMatchObject({
      ok: true,
      value: { ...wrong, _tributary: { flags: ['plan_violation'] } },
    })
    const violations = checked.ok ? (checked.value._tributary?.violations ?? []) : []
    expect(violations.map(({ path }) => path).sort()).toEqual([
      'properties.items.1.sku',
      'properties.total',
    ])
    for (const { message } of violations) expect(message).not.toBe('')
  })

  test('refuses it where it must, and says where the first fault is', async () => {
    const plan = planOf(schema, { onViolation: 'quarantine' })
    const refused = await checkPlan(event({ total: '5', items: [] }), plan)
    expect(refused).toMatchObject({ ok: false, error: { code: 'plan_violation' } })
    expect(!refused.ok && refused.error.message).toContain('properties.total')
  })

  test('asks for properties where the event has none', async () => {
    for (const none of [undefined, null]) {
      expect(await checkPlan(event(none), planOf(schema))).toMatchObject({
        value: { _tributary: { flags: ['plan_violation'] } },
      })
    }
  })
})

describe('checkPlan', () => {
  const fails = (failure: () => unknown): StandardSchema => ({
    '~standard': { version: 1, vendor: 'test', validate: failure as () => never },
  })

  test.for([
    [
      'throws',
      () => {
        throw new Error('broken')
      },
      'The schema failed: broken',
    ],
    ['rejects', () => Promise.reject(new Error('broken')), 'The schema failed: broken'],
    [
      'throws a text',
      () => {
        throw 'broken'
      },
      'The schema failed: broken',
    ],
  ] as const)('takes a schema that %s for a violation', async ([, failure, message]) => {
    expect(await checkPlan(event({}), planOf(fails(failure)))).toMatchObject({
      ok: true,
      value: { _tributary: { violations: [{ path: 'properties', message }] } },
    })
  })

  test('takes a schema that answers nonsense for one that failed', async () => {
    for (const nonsense of [undefined, 5, { issues: 'many' }, { issues: [null] }]) {
      const checked = await checkPlan(event({}), planOf(fails(() => nonsense)))
      expect(checked.ok && checked.value._tributary?.flags).not.toEqual([])
    }
  })

  test('keeps what a schema does to its input out of the event', async () => {
    const greedy = fails((value?: unknown) => {
      delete (value as Record<string, unknown>).total
      return {}
    })
    const sent = event({ total: 5 })
    expect(await checkPlan(sent, planOf(greedy))).toEqual({ ok: true, value: event({ total: 5 }) })
  })

  test('notes twenty faults at most, each cut to a bearable length', async () => {
    const schema = z.object({ list: z.array(z.number({ invalid_type_error: 'x'.repeat(5000) })) })
    const checked = await checkPlan(event({ list: Array(5000).fill('a') }), planOf(schema))
    const violations = checked.ok ? (checked.value._tributary?.violations ?? []) : []
    expect(violations).toHaveLength(20)
    expect(violations[0]?.message).toHaveLength(200)
  })

  test.for([
    ['allow', undefined],
    ['flag', ['unplanned_event']],
  ] as const)('unplanned events under %s', async ([onUnplanned, flags]) => {
    const plan: TrackingPlan = { events: {}, onUnplanned }
    for (const name of ['Other', '__proto__', 'constructor', 'toString']) {
      const checked = await checkPlan(event({}, name), plan)
      expect(checked.ok && checked.value._tributary?.flags).toEqual(flags)
    }
  })

  test('refuses unplanned events where it must', async () => {
    const plan: TrackingPlan = { events: {}, onUnplanned: 'quarantine' }
    expect(await checkPlan(event({}, '__proto__'), plan)).toEqual({
      ok: false,
      error: { code: 'unplanned_event', message: 'The plan has no event "__proto__".' },
    })
  })

  test('lets other calls pass', async () => {
    const page = { ...event({}), type: 'page' as const }
    const plan: TrackingPlan = { events: {}, onUnplanned: 'quarantine' }
    expect(await checkPlan(page, plan)).toEqual({ ok: true, value: page })
  })
})
