import { type Group, keysOf, type Origin, type Profile, plainIdOf } from '@tributary/identity'
import type { JsonObject } from '@tributary/protocol'

/** A profile with the ids of events as their senders wrote them. */
export function plainProfile(profile: Profile): Profile {
  const { firstCampaign, firstReferrer } = profile
  return {
    ...profile,
    provenance: plainOrigins(profile.provenance),
    ...(firstCampaign && { firstCampaign: plainOrigin(firstCampaign) }),
    ...(firstReferrer && { firstReferrer: plainOrigin(firstReferrer) }),
  }
}

/** The same for a group. */
export function plainGroup(group: Group): Group {
  return { ...group, provenance: plainOrigins(group.provenance) }
}

function plainOrigins(origins: Record<string, Origin>): Record<string, Origin> {
  return Object.fromEntries(
    Object.entries(origins).map(([name, origin]) => [name, plainOrigin(origin)]),
  )
}

function plainOrigin<T extends Origin>(origin: T): T {
  return { ...origin, messageId: plainIdOf(origin.messageId) }
}

/** What of a profile is asked for. */
export interface ProfileView {
  /** Names of the traits that are wanted; without it, all. */
  include?: readonly string[]
  /** Whether each trait comes with the event that wrote it. */
  isVerbose?: boolean
}

/** A profile as the API answers with it. */
export function profileAnswer(profile: Profile, { include, isVerbose }: ProfileView): object {
  const { foundedBy, provenance, traits, ...rest } = profile
  const names = Object.keys(traits).filter((name) => !include || include.includes(name))
  const some: JsonObject = Object.fromEntries(names.map((name) => [name, traits[name]]))
  if (!isVerbose) return { ...rest, traits: some }
  const verbose = names.map((name) => [name, { value: traits[name], ...provenance[name] }])
  return { ...rest, foundedBy, traits: Object.fromEntries(verbose) }
}

/** Whether one of the identifiers or traits of a profile begins with a text in lower case. */
export function beginsWith(profile: Profile, prefix: string): boolean {
  for (const key of keysOf(profile)) {
    const name = key.toLowerCase()
    if (name.startsWith(prefix) || name.slice(name.indexOf(':') + 1).startsWith(prefix)) return true
  }
  return Object.values(profile.traits).some(
    (value) => typeof value === 'string' && value.toLowerCase().startsWith(prefix),
  )
}
