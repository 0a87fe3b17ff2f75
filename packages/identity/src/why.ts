import { componentOf, type ProfileState } from './add-records.ts'
import { type Identifier, parseIdentifier } from './identifiers.ts'
import type { TakenLink } from './partition.ts'
import type { Settled } from './settle.ts'

/** Why two identifiers are, or are not, one person's. */
export type Explanation =
  /** They are: each link of the chain leads on from the one before. Empty when both are the same identifier. */
  | { verdict: 'together'; chain: TakenLink[] }
  /** They are not: this chain would join them, but some of its links are refused; `refused` says by which rule. */
  | { verdict: 'refused'; chain: TakenLink[] }
  /** They are not, and no event or alias ties them, over whatever others. */
  | { verdict: 'unconnected' }
  /** This one (as it was given) occurs in no event that counts. */
  | { verdict: 'unknown'; id: string }

/**
 * The chain of events that links two identifiers, or the refused link and the rule.
 *
 * @param a `type:value`; need not be normalised.
 * @param b The same.
 */
export function why(state: ProfileState, a: string, b: string): Explanation {
  const from = parseIdentifier(a, state.rules)
  const to = parseIdentifier(b, state.rules)
  const start = from && settledOf(state, from)
  const end = to && settledOf(state, to)
  if (!start) return { verdict: 'unknown', id: a }
  if (!end) return { verdict: 'unknown', id: b }
  return start === end ? explain(start, from, to) : { verdict: 'unconnected' }
}

function settledOf(state: ProfileState, { key }: Identifier): Settled | undefined {
  const settled = componentOf(state, key)?.settled
  return settled?.ties.sightings.has(key) ? settled : undefined
}

function explain({ partition }: Settled, from: Identifier, to: Identifier): Explanation {
  const chain = findChain(partition.taken, from.key, to.key)
  if (!chain) return { verdict: 'unconnected' }
  return { verdict: chain.some(({ refused }) => refused) ? 'refused' : 'together', chain }
}

interface Step {
  /** The identifier that it was reached from, and the link to it. */
  by?: { key: string; link: TakenLink }
}

/** The chain with the fewest refused links, and of those the shortest: a search that follows refused links last. */
function findChain(
  taken: readonly TakenLink[],
  start: string,
  end: string,
): TakenLink[] | undefined {
  const links = linksByKey(taken)
  const reached = new Map<string, Step>()
  let layer: [string, Step][] = [[start, {}]]
  // Each layer is reached over one refused link more than the one before.
  while (layer.length > 0) {
    const beyond: [string, Step][] = []
    const queue = layer
    for (const [key, step] of queue) {
      if (reached.has(key)) continue
      reached.set(key, step)
      if (key === end) return chainTo(reached, end)
      for (const link of links.get(key) ?? []) {
        const next = link.lead.key === key ? link.other.key : link.lead.key
        ;(link.refused ? beyond : queue).push([next, { by: { key, link } }])
      }
    }
    layer = beyond
  }
  return undefined
}

function linksByKey(taken: readonly TakenLink[]): Map<string, TakenLink[]> {
  const byKey = new Map<string, TakenLink[]>()
  for (const link of taken) {
    for (const { key } of [link.lead, link.other]) {
      const known = byKey.get(key)
      if (known) known.push(link)
      else byKey.set(key, [link])
    }
  }
  return byKey
}

function chainTo(reached: ReadonlyMap<string, Step>, end: string): TakenLink[] {
  const chain: TakenLink[] = []
  let by = reached.get(end)?.by
  while (by) {
    chain.unshift(by.link)
    by = reached.get(by.key)?.by
  }
  return chain
}
