import { linksWithAliases, userAliases } from './aliases.ts'
import {
  type Clusters,
  clusterOf,
  findCut,
  findLimit,
  joinClusters,
  type Refusal,
  singleClusters,
  type Unlink,
} from './clusters.ts'
import type { Rules } from './configuration.ts'
import { findShared } from './fan-out.ts'
import { compareLinks, type Link, type Ties } from './links.ts'

/** A link or an alias, and what became of it. */
export interface TakenLink extends Link {
  kind: 'link' | 'alias'
  /** Why it joins nothing. */
  refused?: Refusal
}

/** Who is who. */
export interface Partition {
  clusters: Clusters
  /**
   * Every alias and link in the order in which it was taken. Those that are not refused hold: their two identifiers are in
   * one cluster.
   */
  taken: TakenLink[]
  /** R11: keys of identifiers that are shared by too many. */
  shared: ReadonlySet<string>
}

/**
 * Level 2: R9 to R12 inside one component, or over any number of them: they do not touch each other. Aliases first; then
 * links in the order of their events, each joining two clusters unless a limit, a cut or the fan-out guard forbids it. So the
 * earliest claim wins, as if all had arrived in the order in which it happened. O(E log E) for E distinct pairs.
 */
export function makePartition(ties: Ties, unlinks: readonly Unlink[], rules: Rules): Partition {
  const identifiers = [...ties.sightings.values()].map(({ identifier }) => identifier)
  const clusters = singleClusters(identifiers, unlinks)
  const taken: TakenLink[] = []
  for (const { user, previousUser, time, messageId } of userAliases(ties)) {
    const link: Link = { lead: user, other: previousUser, time, messageId }
    taken.push(takeAlias(clusters, link))
  }
  const links = linksWithAliases(ties).sort((a, b) => compareLinks(a, b, rules))
  const shared = findShared(links, clusters, rules)
  for (const link of links) taken.push(takeLink(clusters, link, shared, rules))
  return { clusters, taken, shared }
}

/** R9: joins in spite of limits; only `$unlink` wins over it. */
function takeAlias(clusters: Clusters, link: Link): TakenLink {
  const a = clusterOf(clusters, link.lead)
  const b = clusterOf(clusters, link.other)
  const refused = a === b ? undefined : findCut(clusters, a, b)
  if (refused) return { ...link, kind: 'alias', refused }
  if (a !== b) joinClusters(clusters, a, b, 1)
  return { ...link, kind: 'alias' }
}

/** R12. A refused link stays refused: clusters only grow during the pass. */
function takeLink(
  clusters: Clusters,
  link: Link,
  shared: ReadonlySet<string>,
  rules: Rules,
): TakenLink {
  for (const { key } of [link.lead, link.other]) {
    if (shared.has(key))
      return { ...link, kind: 'link', refused: { rule: 'shared', identifier: key } }
  }
  const a = clusterOf(clusters, link.lead)
  const b = clusterOf(clusters, link.other)
  if (a === b) return { ...link, kind: 'link' }
  const refused = findCut(clusters, a, b) ?? findLimit(a, b, rules)
  if (refused) return { ...link, kind: 'link', refused }
  joinClusters(clusters, a, b)
  return { ...link, kind: 'link' }
}

/** The order in which links and aliases are taken: aliases first, each kind by its events. */
export function compareTaken(a: TakenLink, b: TakenLink, rules: Rules): number {
  if (a.kind !== b.kind) return a.kind === 'alias' ? -1 : 1
  return compareLinks(a, b, rules)
}
