import type { JsonObject } from '@tributary/protocol'
import type { Arrival, LocationFacts } from '../arrival.ts'
import type { IpPolicy } from '../source-config.ts'
import { addToContext, contextOf, isAbsent } from '../stored-event.ts'
import { isOptedOut } from './ip.ts'

/** How exactly a source may know where a device is: no more exactly than it may know the address. */
const KEPT_FIELDS: Record<IpPolicy, readonly (keyof LocationFacts)[]> = {
  keep: ['country', 'region', 'city', 'postalCode', 'latitude', 'longitude', 'timezone'],
  truncate: ['country', 'region', 'city'],
  hash: ['country', 'region', 'city'],
  remove: ['country'],
}

/** `context.location`: where the platform places the device's address; nowhere for a person who has opted out. */
export function setLocation(event: JsonObject, { device, source }: Arrival): JsonObject {
  const location = device?.location
  if (!location || !isAbsent(contextOf(event).location) || isOptedOut(event)) return event
  const kept: JsonObject = {}
  for (const field of KEPT_FIELDS[source.ip ?? 'keep']) {
    if (location[field] !== undefined) kept[field] = location[field]
  }
  return Object.keys(kept).length > 0 ? addToContext(event, { location: kept }) : event
}
