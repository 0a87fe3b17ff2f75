import type { Plan, PlannedName, PlannedProperties, UnplannedName } from '@tributary/protocol'
import type {
  Callback,
  CallOptions,
  Elements,
  ForElement,
  Properties,
  Recorded,
  Tracker,
} from './tracker-api.ts'

/** Whether an object without anything will do. */
// biome-ignore lint/complexity/noBannedTypes: that is what it asks
type NeedsNothing<Given> = {} extends Given ? true : false

/** `properties` and what follows it; it may be left out where the event needs no property. */
type AfterName<Given> =
  NeedsNothing<Given> extends true
    ? [
        properties?: Given | Callback | null,
        options?: CallOptions | Callback | null,
        callback?: Callback,
      ]
    : [properties: Given, options?: CallOptions | Callback | null, callback?: Callback]

/** Segment's form of a call with one object. */
type AsObject<Name, Given> =
  NeedsNothing<Given> extends true
    ? { event: Name; properties?: Given }
    : { event: Name; properties: Given }

/** {@link Tracker.track} for the events of a plan. */
export interface PlannedTrack<P extends Plan> {
  <Name extends PlannedName<P>>(
    event: Name,
    ...rest: AfterName<PlannedProperties<P, Name>>
  ): Recorded
  (
    event: { [Name in PlannedName<P>]: AsObject<Name, PlannedProperties<P, Name>> }[PlannedName<P>],
    options?: CallOptions | Callback | null,
    callback?: Callback,
  ): Recorded
  <Name extends string>(event: UnplannedName<P, Name>, ...rest: AfterName<Properties>): Recorded
}

/** `trackLink` and `trackForm` for the events of a plan. */
type PlannedWatch<P extends Plan> = <Name extends PlannedName<P>>(
  elements: Elements,
  event: ForElement<Name>,
  ...rest: NeedsNothing<PlannedProperties<P, Name>> extends true
    ? [properties?: ForElement<PlannedProperties<P, Name>>, options?: CallOptions]
    : [properties: ForElement<PlannedProperties<P, Name>>, options?: CallOptions]
) => Tracker

/** A {@link Tracker} that takes the events of a plan. */
export interface TypedTracker<P extends Plan>
  extends Omit<Tracker, 'track' | 'trackLink' | 'trackForm'> {
  /** Something the person did, as the plan has it. */
  track: PlannedTrack<P>
  trackLink: PlannedWatch<P>
  trackForm: PlannedWatch<P>
}

/**
 * The same tracker, whose event names and properties the compiler holds against a plan. The plan is needed as a type
 * only, so that no validator comes into the bundle:
 *
 * ```ts
 * import type { plan } from './plan.ts'
 * const tributary = createTracker<typeof plan>(TributaryBrowser.load({ writeKey: 'wk' }))
 * ```
 *
 * Nothing is checked at run time; that is for the collector, which has the schemas.
 */
export function createTracker<P extends Plan>(tracker: Tracker): TypedTracker<P> {
  return tracker as unknown as TypedTracker<P>
}
