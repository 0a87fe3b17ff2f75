import type { DeviceFacts, LocationFacts } from '../core/arrival.ts'
import { hintsInHeaders } from '../core/client-hints.ts'

/** What a request tells about the device that made it. */
export function deviceFacts({ headers, cf }: Request): DeviceFacts {
  const facts: DeviceFacts = {}
  const ip = headers.get('cf-connecting-ip')
  const userAgent = headers.get('user-agent')
  const hints = hintsInHeaders((name) => headers.get(name))
  if (ip !== null) facts.ip = ip
  if (userAgent !== null) facts.userAgent = userAgent
  if (hints) facts.hints = hints
  if (headers.get('sec-gpc') === '1') facts.gpc = true
  return { ...facts, ...platformFacts(cf as IncomingRequestCfProperties | undefined) }
}

/** What the platform knows of the address (https://developers.cloudflare.com/workers/runtime-apis/request/). */
function platformFacts(cf: IncomingRequestCfProperties | undefined): Partial<DeviceFacts> {
  if (!cf) return {}
  const facts: Partial<DeviceFacts> = {}
  const location = locationOf(cf)
  if (Object.keys(location).length > 0) facts.location = location
  if (typeof cf.asn === 'number') facts.asn = cf.asn
  const score = cf.botManagement?.score
  // 0 means that it was not computed.
  if (typeof score === 'number' && score > 0) facts.botScore = score
  return facts
}

/** What stands for a country where there is none: unknown, and Tor. */
const NO_COUNTRIES: readonly unknown[] = ['XX', 'T1']

function locationOf(cf: IncomingRequestCfProperties): LocationFacts {
  const location: LocationFacts = {}
  if (cf.country && !NO_COUNTRIES.includes(cf.country)) location.country = cf.country
  for (const field of ['region', 'city', 'postalCode', 'timezone'] as const) {
    const value = cf[field]
    if (typeof value === 'string' && value !== '') location[field] = value
  }
  for (const field of ['latitude', 'longitude'] as const) {
    const degrees = Number.parseFloat(String(cf[field]))
    if (Number.isFinite(degrees)) location[field] = degrees
  }
  return location
}
