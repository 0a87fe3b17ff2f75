import type { Rules } from './configuration.ts'
import type { Identifier } from './identifiers.ts'

/** Two identifiers that an operator has told apart: they may not meet in one cluster. */
export type Unlink = readonly [Identifier, Identifier]

/** Identifiers that are one person's. */
export interface Cluster {
  members: Identifier[]
  /** Members by type; userIds that aliases connect count as one (R10). */
  counts: Map<string, number>
  /** Keys of identifiers that may not come in. */
  cutFrom: string[]
}

/** The cluster of each identifier, by key. */
export type Clusters = Map<string, Cluster>

/** Why two clusters may not be joined. */
export type Refusal =
  /** R10: the profile would hold more than `limit` identifiers of the type; `total` stands for all types together. */
  | { rule: 'limit'; type: string; limit: number }
  /** An operator has told these two apart, by key. */
  | { rule: 'unlink'; between: readonly [string, string] }
  /** R11: this identifier, by key, is shared by more users than may be. */
  | { rule: 'shared'; identifier: string }

/** Every identifier on its own. */
export function singleClusters(
  identifiers: Iterable<Identifier>,
  unlinks: readonly Unlink[],
): Clusters {
  const clusters: Clusters = new Map()
  for (const identifier of identifiers) {
    const counts = new Map([[identifier.type, 1]])
    clusters.set(identifier.key, { members: [identifier], counts, cutFrom: [] })
  }
  for (const [a, b] of unlinks) {
    clusters.get(a.key)?.cutFrom.push(b.key)
    clusters.get(b.key)?.cutFrom.push(a.key)
  }
  return clusters
}

/** The cluster of an identifier that occurs. */
export function clusterOf(clusters: Clusters, { key }: Identifier): Cluster {
  const cluster = clusters.get(key)
  if (!cluster) throw new Error(`${key} does not occur.`)
  return cluster
}

/**
 * Makes one cluster of two; the smaller moves, so that n identifiers move at most n log n times.
 *
 * @param users How many users the joined cluster counts; by default those of both.
 */
export function joinClusters(clusters: Clusters, a: Cluster, b: Cluster, users?: number): void {
  const [into, from] = a.members.length < b.members.length ? [b, a] : [a, b]
  for (const member of from.members) {
    into.members.push(member)
    clusters.set(member.key, into)
  }
  for (const [type, count] of from.counts) {
    into.counts.set(type, (into.counts.get(type) ?? 0) + count)
  }
  if (users !== undefined) into.counts.set('userId', users)
  for (const key of from.cutFrom) into.cutFrom.push(key)
}

/** `$unlink`: the pair that would meet if the two were joined. */
export function findCut(clusters: Clusters, a: Cluster, b: Cluster): Refusal | undefined {
  const [few, other] = a.cutFrom.length < b.cutFrom.length ? [a, b] : [b, a]
  const met = few.cutFrom.find((key) => clusters.get(key) === other)
  if (met === undefined) return undefined
  // The pair stands on both sides; the other one's name for it is a member of the first.
  const partner = other.cutFrom.find((key) => clusters.get(key) === few) as string
  return { rule: 'unlink', between: [partner, met] }
}

/** R10: the limit that would be broken if the two were joined. */
export function findLimit(a: Cluster, b: Cluster, rules: Rules): Refusal | undefined {
  const [few, other] = a.counts.size < b.counts.size ? [a, b] : [b, a]
  for (const [type, count] of few.counts) {
    const limit = rules.limits.get(type) ?? rules.otherLimit
    const others = other.counts.get(type)
    if (others !== undefined && others + count > limit) return { rule: 'limit', type, limit }
  }
  if (a.members.length + b.members.length <= rules.totalLimit) return undefined
  return { rule: 'limit', type: 'total', limit: rules.totalLimit }
}
