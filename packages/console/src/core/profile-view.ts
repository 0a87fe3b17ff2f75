import type { Json } from '@tributary/protocol'

/** A profile as `GET /api/profiles/{id}` answers; `verbose` traits have where they come from. */
export interface Profile {
  profileId: string
  ids: Record<string, string[]>
  traits: Record<string, Json>
  eventCount: number
  firstSeen: string
  lastSeen: string
  groups: string[]
}

/** A trait, and the event that wrote it. */
export interface Trait {
  name: string
  value: string
  messageId: string
  time: string
  source: string
}

/** An identifier as the API writes it: `type:value`. */
export type IdentifierKey = string

/** All identifiers of a profile; the API has the best type first. */
export function identifiersOf({ ids }: Pick<Profile, 'ids'>): IdentifierKey[] {
  return Object.entries(ids).flatMap(([type, values]) => values.map((value) => `${type}:${value}`))
}

/** What a person is called in a list: a name, and else the strongest identifier. */
export function nameOf(profile: Profile): string {
  const { name } = profile.traits
  if (typeof name === 'string' && name !== '') return name
  const [first] = identifiersOf(profile)
  return first?.slice(first.indexOf(':') + 1) ?? profile.profileId
}

/** The traits of a profile that was asked for with `verbose`, by name. */
export function traitsOf({ traits }: Profile): Trait[] {
  return Object.entries(traits)
    .map(([name, trait]) => {
      const { value, messageId, time, source } = trait as Record<string, Json | undefined>
      return {
        name,
        value: typeof value === 'string' ? value : JSON.stringify(value),
        messageId: String(messageId ?? ''),
        time: String(time ?? ''),
        source: String(source ?? ''),
      }
    })
    .sort((a, b) => a.name.localeCompare(b.name))
}

/** One link of a chain as the API gives it. */
export interface ChainLink {
  kind: 'link' | 'alias'
  lead: { key: IdentifierKey }
  other: { key: IdentifierKey }
  time: string
  messageId: string
  /** The rule that joins nothing here. */
  refused?: Json
}

/** As `GET /api/profiles/{a}/why/{b}` answers. */
export interface Explanation {
  verdict: 'together' | 'refused' | 'unconnected' | 'unknown'
  chain?: ChainLink[]
}

/** A chain to be drawn from top to bottom; in pixels. */
export interface ChainGraph {
  width: number
  height: number
  nodes: { key: IdentifierKey; label: string; y: number }[]
  edges: { id: string; label: string; isRefused: boolean; fromY: number; toY: number }[]
}

const WIDTH = 320
const NODE_HEIGHT = 34
const STEP = 92

/** Longest text that a node has room for. */
const LABEL_LENGTH = 40

/** Places the identifiers that a chain passes, and the events between them. */
export function layOutChain(start: IdentifierKey, chain: readonly ChainLink[]): ChainGraph {
  const keys = [keyAtStart(start, chain[0])]
  for (const { lead, other } of chain) keys.push(lead.key === keys.at(-1) ? other.key : lead.key)
  const nodes = keys.map((key, index) => ({ key, label: shorten(key), y: index * STEP }))
  const edges = chain.map((link, index) => ({
    id: `${index} ${link.messageId}`,
    label: edgeLabel(link),
    isRefused: link.refused !== undefined,
    fromY: index * STEP + NODE_HEIGHT,
    toY: (index + 1) * STEP,
  }))
  return { width: WIDTH, height: chain.length * STEP + NODE_HEIGHT, nodes, edges }
}

/** The identifier as the chain writes it, which may be another way than it was asked for. */
function keyAtStart(start: IdentifierKey, first: ChainLink | undefined): IdentifierKey {
  if (!first) return start
  return [first.lead.key, first.other.key].find((key) => key === start) ?? first.lead.key
}

function edgeLabel({ kind, time, refused }: ChainLink): string {
  const at = new Date(time).toISOString().slice(0, 16).replace('T', ' ')
  if (refused !== undefined) return `refused: ${ruleText(refused)}`
  return `${kind === 'alias' ? 'alias' : 'named in one event'}, ${at}`
}

/** Words for the rules that the identity of persons follows (docs/identity.md). */
const RULES: Record<string, string> = {
  limit: 'one person has fewer of these',
  unlink: 'told apart by an operator',
  shared: 'shared by too many',
}

function ruleText(refused: Json): string {
  const { rule } = refused as Record<string, Json>
  return RULES[String(rule)] ?? String(rule)
}

function shorten(text: string): string {
  return text.length > LABEL_LENGTH ? `${text.slice(0, LABEL_LENGTH - 1)}…` : text
}
