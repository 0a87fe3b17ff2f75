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

/** The same inside one component, of two identifiers that occur in it. */
export function explain({ partition }: Settled, from: Identifier, to: Identifier): Explanation {
  const chain = findChain(partition.taken, from.key, to.key)
  if (!chain) return { verdict: 'unconnected' }
  return { verdict: chain.some(({ refused }) => refused) ? 'refused' : 'together', chain }
}

/** An identifier that the search came to, by key, and the link and identifier that it came from. */
interface Step {
  key: string
  from?: { step: Step; link: TakenLink }
}

/** The chain with the fewest refused links, and of those the shortest: a search that follows refused links last. */
function findChain(
  taken: readonly TakenLink[],
  start: string,
  end: string,
): TakenLink[] | undefined {
  const links = linksByKey(taken)
  const reached = new Set<string>()
  // Each layer is reached over one refused link more than the one before; it grows while it is walked.
  for (let layer: Step[] = [{ key: start }], beyond: Step[] = []; layer.length > 0; ) {
    for (const step of layer) {
      if (step.key === end) return chainTo(step)
      if (reached.has(step.key)) continue
      reached.add(step.key)
      const onward = stepsFrom(step, links.get(step.key) ?? [])
      layer.push(...onward.filter(({ from }) => !from.link.refused))
      beyond.push(...onward.filter(({ from }) => from.link.refused))
    }
    layer = beyond
    beyond = []
  }
  return undefined
}

function stepsFrom(step: Step, links: readonly TakenLink[]): Required<Step>[] {
  return links.map((link) => {
    const { key } = link.lead.key === step.key ? link.other : link.lead
    return { key, from: { step, link } }
  })
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

function chainTo({ from }: Step): TakenLink[] {
  const chain: TakenLink[] = []
  for (let at = from; at; at = at.step.from) chain.unshift(at.link)
  return chain
}
