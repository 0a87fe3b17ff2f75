import type { plan as valibotPlan } from '../../browser-sdk/test/plans/valibot.ts'
import type { plan as zodPlan } from '../../browser-sdk/test/plans/zod.ts'
import { createTracker, type PlannedName, type Tributary } from './index.ts'

declare const client: Tributary

type Is<A, B> = [A, B] extends [B, A] ? true : false
const namesAreTheirLiterals: Is<
  PlannedName<typeof zodPlan>,
  'Order Completed' | 'List Viewed' | 'Signed Out'
> = true
void namesAreTheirLiterals

const zod = createTracker<typeof zodPlan>(client)
const order = { total: 5, currency: 'EUR', items: '2' } as const
zod.track({ userId: 'u', event: 'Order Completed', properties: order })
zod.track({ anonymousId: 'a', event: 'List Viewed' }, (error) => error?.message)
zod.track({ userId: 'u', event: 'List Viewed', properties: { filter: 'new' }, messageId: 'm' })
void zod.track({ userId: 'u', event: 'Signed Out' }).delivered.then(({ outcome }) => outcome)
// What is not a track event is as it was.
zod.identify({ userId: 'u', traits: { plan: 'pro' } })
void zod.closeAndFlush()

// @ts-expect-error: an event that the plan has not
zod.track({ userId: 'u', event: 'Order Completd', properties: order })
// @ts-expect-error: properties that the event needs
zod.track({ userId: 'u', event: 'Order Completed' })
// @ts-expect-error: a property is missing
zod.track({ userId: 'u', event: 'Order Completed', properties: { total: 5, currency: 'EUR' } })
// @ts-expect-error: a property of another type
zod.track({ userId: 'u', event: 'Order Completed', properties: { ...order, total: '5' } })
// @ts-expect-error: a property that the schema has not
zod.track({ userId: 'u', event: 'List Viewed', properties: { filtre: 'new' } })

const valibot = createTracker<typeof valibotPlan>(client)
valibot.track({ userId: 'u', event: 'Order Completed', properties: { total: 5, currency: 'EUR' } })
// This plan allows other names, with any properties; its own are still checked.
valibot.track({ userId: 'u', event: 'Something Else', properties: { n: 1 } })
// @ts-expect-error: a property of another type
valibot.track({ userId: 'u', event: 'Order Completed', properties: { total: '5' } })
