import type { Plan, PlannedName, PlannedProperties, UnplannedName } from '@tributary/protocol'
import type { Tributary } from './client.ts'
import type { Identity, TrackCall } from './core/calls.ts'
import type { Callback, Receipt } from './core/receipt.ts'

/** What a call may have beside its name and properties. */
type Rest = Identity & Omit<TrackCall, 'event' | 'properties' | keyof Identity>

/** Name and properties; these may be left out where the event needs none. */
// biome-ignore lint/complexity/noBannedTypes: whether an object without anything will do is what it asks
type Planned<Name, Given> = {} extends Given
  ? { event: Name; properties?: Given }
  : { event: Name; properties: Given }

/** {@link Tributary.track} for the events of a plan. */
export interface PlannedTrack<P extends Plan> {
  <Name extends PlannedName<P>>(
    call: Rest & Planned<Name, PlannedProperties<P, Name>>,
    callback?: Callback,
  ): Receipt
  <Name extends string>(
    call: Rest & { event: UnplannedName<P, Name>; properties?: TrackCall['properties'] },
    callback?: Callback,
  ): Receipt
}

/** A {@link Tributary} that takes the events of a plan. */
export interface TypedTracker<P extends Plan> extends Omit<Tributary, 'track'> {
  /** Records something a person did, as the plan has it. */
  track: PlannedTrack<P>
}

/**
 * The same client, whose event names and properties the compiler holds against a plan, which is needed as a type only:
 *
 * ```ts
 * import type { plan } from './plan.ts'
 * const tributary = createTracker<typeof plan>(new Tributary({ writeKey, endpoint }))
 * ```
 *
 * Nothing is checked at run time; that is for the collector, which has the schemas.
 */
export function createTracker<P extends Plan>(client: Tributary): TypedTracker<P> {
  return client as unknown as TypedTracker<P>
}
