import type { TrackingPlan } from '../../collector/src/core/plan.ts'
import type { plan as arktypePlan } from '../test/plans/arktype.ts'
import type { plan as valibotPlan } from '../test/plans/valibot.ts'
import type { plan as zodPlan } from '../test/plans/zod.ts'
import {
  createTracker,
  type Plan,
  type PlannedName,
  type PlannedProperties,
  type Tracker,
} from './index.ts'

declare const tracker: Tracker
declare const link: Element

// One object for both sides: what the collector takes is what the compiler reads.
declare const everyPlan: typeof zodPlan | typeof valibotPlan | typeof arktypePlan
const forTheCollector: TrackingPlan = everyPlan
const forTheCompiler: Plan = everyPlan
void [forTheCollector, forTheCompiler]

type Is<A, B> = [A, B] extends [B, A] ? true : false
const namesAreTheirLiterals: Is<
  PlannedName<typeof zodPlan>,
  'Order Completed' | 'List Viewed' | 'Signed Out'
> = true
const inputIsWhatIsSent: Is<PlannedProperties<typeof zodPlan, 'Order Completed'>['items'], string> =
  true
void [namesAreTheirLiterals, inputIsWhatIsSent]

const zod = createTracker<typeof zodPlan>(tracker)
void zod.track('Order Completed', { total: 5, currency: 'EUR', items: '2' })
void zod.track(
  'Order Completed',
  { total: 5, currency: 'EUR', items: '2' },
  { timestamp: 1 },
  () => 1,
)
void zod.track({ event: 'Order Completed', properties: { total: 5, currency: 'EUR', items: '2' } })
void zod.track('List Viewed')
void zod.track('List Viewed', { filter: 'new' })
void zod.track('List Viewed', null, { context: { a: 1 } })
void zod.track('List Viewed', () => 1)
void zod.track({ event: 'List Viewed' })
void zod.track('Signed Out')
void zod.track('Signed Out', {}).then(({ event, delivered }) => [event?.messageId, delivered])
zod.trackLink(link, 'List Viewed').on('delivered', () => 1)
zod.trackForm([link], 'List Viewed', (element) => ({ filter: element.id }))
// What is not a track event is as it was.
void zod.page('Shop', 'Cart')
void zod.identify('u1', { plan: 'pro' })

// @ts-expect-error: an event that the plan has not
void zod.track('Order Completd', { total: 5, currency: 'EUR', items: '2' })
// @ts-expect-error: properties that the event needs
void zod.track('Order Completed')
// @ts-expect-error: a callback is not properties
void zod.track('Order Completed', () => 1)
// @ts-expect-error: a property is missing
void zod.track('Order Completed', { total: 5, currency: 'EUR' })
// @ts-expect-error: a property of another type
void zod.track('Order Completed', { total: '5', currency: 'EUR', items: '2' })
// @ts-expect-error: not one of the values
void zod.track('Order Completed', { total: 5, currency: 'GBP', items: '2' })
// @ts-expect-error: a property that the schema has not
void zod.track('List Viewed', { filtre: 'new' })
// @ts-expect-error: the same in Segment's other form
void zod.track({ event: 'Order Completed', properties: { total: 5 } })
// @ts-expect-error: the same in Segment's other form
void zod.track({ event: 'Order Completd' })
// @ts-expect-error: an event that the plan has not
zod.trackLink(link, 'Lst Viewed')
// @ts-expect-error: properties that the event needs
zod.trackForm(link, 'Order Completed')

const valibot = createTracker<typeof valibotPlan>(tracker)
void valibot.track('Order Completed', { total: 5, currency: 'EUR' })
void valibot.track('List Viewed')
// This plan allows other names, with any properties; its own are still checked.
void valibot.track('Something Else', { n: 1 })
// @ts-expect-error: a property of another type
void valibot.track('Order Completed', { total: '5', currency: 'EUR' })
// @ts-expect-error: properties that the event needs
void valibot.track('Order Completed')

const arktype = createTracker<typeof arktypePlan>(tracker)
void arktype.track('Order Completed', { total: 5, currency: 'USD' })
void arktype.track('List Viewed')
// @ts-expect-error: a property of another type
void arktype.track('Order Completed', { total: '5', currency: 'USD' })
// @ts-expect-error: an event that the plan has not
void arktype.track('Something Else')
