import type { Json } from '@tributary/protocol'
import { clean } from './event-line.ts'

/** An event that names two identifiers at once, or an alias. */
interface Link {
  kind: string
  lead: { key: string }
  other: { key: string }
  time: string
  messageId: string
  /** The rule by which it joins nothing. */
  refused?: { rule: string } & Record<string, Json>
}

/** What `GET /api/profiles/{a}/why/{b}` answers. */
export interface Explanation {
  verdict: string
  chain?: Link[]
}

const VERDICTS: Readonly<Record<string, string>> = {
  together: 'one person',
  refused: 'two people: a link between them was refused',
  unconnected: 'two people: no event connects them',
}

/** Why two identifiers are one person, or are not: the verdict, and a line for each event of the chain. */
export function explainLines({ verdict, chain = [] }: Explanation): string[] {
  const lines = chain.map(({ kind, lead, other, time, messageId, refused }) => {
    const why = refused ? `  refused: ${clean(refused)}` : ''
    return `  ${clean(time)}  ${clean(lead.key)} — ${clean(other.key)}  ${clean(kind)} ${clean(messageId)}${why}`
  })
  return [VERDICTS[verdict] ?? clean(verdict), ...lines]
}
