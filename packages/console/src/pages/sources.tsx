import type { StatsAnswer } from '@tributary/protocol'
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { callApi } from '../adapters/api.ts'
import type { PageProps } from '../app.tsx'
import { formatBytes, formatCount, formatSpan, maskKey } from '../core/format.ts'
import { Copy } from '../parts/code.tsx'
import { Facts } from '../parts/facts.tsx'
import { Loaded } from '../parts/states.tsx'
import { useLoad } from '../use-load.ts'

/** A source as `GET /api/sources` tells it. */
export interface Source {
  id: string
  enabled: boolean
  /** Whole, since they are public; those of servers only begun. */
  writeKeys: string[]
  serverKeys: string[]
  origins: string[]
  trustAlias: boolean
  ip: string
  bots: string
  cookie: string | null
  rateLimit: { binding: string; periodSeconds: number } | null
  plan: { events: string[]; onViolation: string; onUnplanned: string } | null
}

/** What is configured, and how it fares. */
export function SourcesPage({ sources }: PageProps): JSX.Element {
  const load = useLoad(() => callApi<StatsAnswer>('/api/stats'), '', 10_000)
  return (
    <>
      <header class="page-head">
        <h1>Sources</h1>
      </header>
      <Loaded load={load}>
        {(stats) => (
          <>
            <div class="cards">
              {sources.map((source) => (
                <SourceCard key={source.id} source={source} stats={stats} />
              ))}
            </div>
            <Shards shards={stats.shards} />
          </>
        )}
      </Loaded>
    </>
  )
}

function SourceCard({ source, stats }: { source: Source; stats: StatsAnswer }): JSX.Element {
  const { accepted = 0, duplicates = 0, quarantined = {} } = stats.sources[source.id] ?? {}
  const delivery = stats.deliveries[source.id]
  const refused = Object.values(quarantined).reduce((sum, count) => sum + count, 0)
  return (
    <section class="card" aria-labelledby={`source-${source.id}`}>
      <h2 id={`source-${source.id}`}>
        {source.id} {!source.enabled && <span class="tag bad">switched off</span>}
      </h2>
      <Facts
        facts={[
          ['Stored', formatCount(accepted)],
          ['Duplicates', formatCount(duplicates)],
          ['Refused', formatCount(refused)],
          [
            'Missing',
            delivery ? `${formatCount(delivery.missing)} of ${formatCount(delivery.created)}` : '—',
          ],
          ['Origins', source.origins.includes('*') ? 'every origin' : source.origins.join(', ')],
          ['Addresses', source.ip],
          ['Bots', source.bots],
          ['Alias', source.trustAlias ? 'public keys may' : 'server keys alone may'],
          ['Cookie', source.cookie ?? 'none'],
          ['Rate limit', source.rateLimit ? source.rateLimit.binding : 'none'],
          ['Plan', planText(source.plan)],
        ]}
      />
      <h3>Keys</h3>
      <ul class="keys">
        {source.writeKeys.map((key) => (
          <PublicKey key={key} writeKey={key} />
        ))}
        {source.serverKeys.map((key) => (
          <li key={key}>
            <code>{key}</code> <span class="tag">servers alone</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function PublicKey({ writeKey }: { writeKey: string }): JSX.Element {
  const [isShown, setShown] = useState(false)
  return (
    <li>
      <code>{isShown ? writeKey : maskKey(writeKey)}</code>
      <button type="button" class="plain" aria-pressed={isShown} onClick={() => setShown(!isShown)}>
        {isShown ? 'Hide' : 'Show'}
      </button>
      <Copy label="write key" text={writeKey} />
    </li>
  )
}

function planText(plan: Source['plan']): string {
  if (!plan) return 'none'
  const { events, onViolation, onUnplanned } = plan
  return `${events.length} events; a fault: ${onViolation}; an event not in it: ${onUnplanned}`
}

function Shards({ shards }: { shards: StatsAnswer['shards'] }): JSX.Element {
  return (
    <section>
      <h2>Journals</h2>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Shard</th>
              <th scope="col">Rows waiting</th>
              <th scope="col">Size</th>
              <th scope="col">Oldest</th>
              <th scope="col">Set aside</th>
            </tr>
          </thead>
          <tbody>
            {shards.map(({ shard, backlogRows, backlogBytes, oldestAgeMs, setAsideRows }) => (
              <tr key={shard}>
                <th scope="row">{shard}</th>
                <td>{formatCount(backlogRows)}</td>
                <td>{formatBytes(backlogBytes)}</td>
                <td>{oldestAgeMs === null ? '—' : formatSpan(oldestAgeMs)}</td>
                <td>{formatCount(setAsideRows)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
