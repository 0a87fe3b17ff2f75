import type {
  Callback,
  CallOptions,
  Elements,
  ForElement,
  Properties,
  Recorded,
  Tracker,
} from './tracker-api.ts'

/**
 * A schema with the Standard Schema interface (https://standardschema.dev); Zod, Valibot and ArkType schemas have it.
 * Only its types are read here.
 */
interface PlannedSchema {
  readonly '~standard': {
    readonly version: 1
    readonly types?: { readonly input: unknown; readonly output: unknown } | undefined
  }
}

/** The plan of a source, the very object that the collector holds its events against (`defineConfig({ sources: [{ plan }] })`). */
export interface Plan {
  /** Schemas of `properties`, by the name of the `track` event. */
  readonly events: Readonly<Record<string, PlannedSchema>>
  /** With `allow` the compiler takes other names too. Where it is left out it does not, though the collector would. */
  readonly onUnplanned?: string
}

/** The names of a plan's events. */
export type PlannedName<P extends Plan> = keyof P['events'] & string

/** What an event of the plan may be given as properties: its schema's input. */
export type PlannedProperties<P extends Plan, Name extends PlannedName<P>> = NonNullable<
  P['events'][Name]['~standard']['types']
>['input']

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

/** A name that the plan has not: none, unless the plan says `allow`. */
type UnplannedName<P extends Plan, Name extends string> = P extends { onUnplanned: 'allow' }
  ? Name extends PlannedName<P>
    ? never
    : Name
  : never

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
