import type { AliasLink, Link, Ties } from './links.ts'
import { pairKey } from './links.ts'
import { compareMoments } from './record-time.ts'

/**
 * R9: aliases whose previous id occurs as a userId: two names of one user, to be joined before all links and free of limits.
 * In the order in which they are taken.
 */
export function userAliases(ties: Ties): AliasLink[] {
  return [...ties.aliases.values()]
    .filter(
      ({ user, previousUser }) =>
        previousUser.key !== user.key && ties.sightings.has(previousUser.key),
    )
    .sort(compareMoments)
}

/** R9: aliases whose previous id occurs as an anonymousId: ordinary links. One may be of both kinds, or, yet, of none. */
function anonymousAliases(ties: Ties): Link[] {
  return [...ties.aliases.values()]
    .filter(({ previousAnonymous }) => ties.sightings.has(previousAnonymous.key))
    .map(({ user, previousAnonymous, time, messageId }) => {
      return { lead: user, other: previousAnonymous, time, messageId }
    })
}

/** R8 over links and aliases together: each pair once, where it occurs first. */
export function linksWithAliases(ties: Ties): Link[] {
  const links = new Map(ties.links)
  for (const link of anonymousAliases(ties)) {
    const key = pairKey(link.lead, link.other)
    const known = links.get(key)
    if (!known || compareMoments(link, known) < 0) links.set(key, link)
  }
  return [...links.values()]
}
