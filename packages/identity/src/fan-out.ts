import { type Cluster, type Clusters, clusterOf } from './clusters.ts'
import type { Rules } from './configuration.ts'
import type { Identifier } from './identifiers.ts'
import type { Link } from './links.ts'

/**
 * R11: the identifiers that are linked with more users than one person's would be, by key: the browser of a shop, the
 * address of an office. What joins everybody joins nobody.
 *
 * @param users Clusters after the aliases and before the links, so that a user with two names counts once.
 */
export function findShared(links: readonly Link[], users: Clusters, rules: Rules): Set<string> {
  const usersOf = new Map<string, Set<Cluster>>()
  for (const { lead, other } of links) {
    countUser(usersOf, lead, other, users)
    countUser(usersOf, other, lead, users)
  }
  const shared = new Set<string>()
  for (const { lead, other } of links) {
    for (const { type, key } of [lead, other]) {
      const bound = rules.fanout.get(type)
      if (bound !== undefined && (usersOf.get(key)?.size ?? 0) > bound) shared.add(key)
    }
  }
  return shared
}

function countUser(
  usersOf: Map<string, Set<Cluster>>,
  user: Identifier,
  { key }: Identifier,
  users: Clusters,
): void {
  if (user.type !== 'userId') return
  const known = usersOf.get(key)
  if (known) known.add(clusterOf(users, user))
  else usersOf.set(key, new Set([clusterOf(users, user)]))
}
