import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { callApi, type Problem } from '../adapters/api.ts'
import {
  type ChainLink,
  type Explanation,
  type IdentifierKey,
  identifiersOf,
  layOutChain,
  type Profile,
} from '../core/profile-view.ts'
import { useLoad } from '../use-load.ts'
import { Confirm } from './confirm.tsx'
import { Failure, Loaded } from './states.tsx'

interface JoinedProps {
  profile: Profile
  onChange: () => void
}

/** The identifiers; each can be asked why it is the same person's as the first. */
export function Joined({ profile, onChange }: JoinedProps): JSX.Element {
  const [anchor, ...others] = identifiersOf(profile)
  const [asked, setAsked] = useState<IdentifierKey | undefined>(others[0])
  return (
    <>
      <ul class="keys">
        <li>
          <code>{anchor}</code>
        </li>
        {others.map((key) => (
          <li key={key}>
            <code>{key}</code>
            <button
              type="button"
              class="plain"
              aria-pressed={key === asked}
              aria-label={`Why ${key}?`}
              onClick={() => setAsked(key)}
            >
              Why?
            </button>
          </li>
        ))}
      </ul>
      {anchor && asked && <Why key={asked} from={anchor} to={asked} onChange={onChange} />}
    </>
  )
}

interface WhyProps {
  from: IdentifierKey
  to: IdentifierKey
  onChange: () => void
}

function Why({ from, to, onChange }: WhyProps): JSX.Element {
  const [problem, setProblem] = useState<Problem>()
  const path = `/api/profiles/${encodeURIComponent(from)}/why/${encodeURIComponent(to)}`
  const load = useLoad(() => callApi<Explanation>(path), path)
  const unlink = async () => {
    const answer = await callApi('/api/privacy/unlink', 'POST', { a: from, b: to })
    setProblem(answer.ok ? undefined : answer.problem)
    if (answer.ok) onChange()
  }
  return (
    <Loaded load={load}>
      {({ verdict, chain = [] }) => (
        <>
          {chain.length > 0 ? (
            <Chain from={from} to={to} chain={chain} />
          ) : (
            <p class="quiet note">{verdict}</p>
          )}
          <Confirm
            action="These are two people"
            question={`${to} leaves this profile, now and for later events. Nothing is deleted.`}
            onConfirm={unlink}
          />
          {problem && <Failure problem={problem} />}
        </>
      )}
    </Loaded>
  )
}

interface ChainProps {
  from: IdentifierKey
  to: IdentifierKey
  chain: ChainLink[]
}

/** The chain of events, from one identifier to the other. */
function Chain({ from, to, chain }: ChainProps): JSX.Element {
  const { width, height, nodes, edges } = layOutChain(from, chain)
  const words = edges.map(({ label }) => label).join('; ')
  return (
    <svg
      class="chain"
      role="img"
      aria-label={`From ${from} to ${to}: ${words}`}
      viewBox={`0 0 ${width} ${height}`}
    >
      {edges.map(({ id, label, isRefused, fromY, toY }) => (
        <g key={id} class={isRefused ? 'refused' : ''}>
          <line x1="24" x2="24" y1={fromY} y2={toY} />
          <text x="38" y={(fromY + toY) / 2 + 4}>
            {label}
          </text>
        </g>
      ))}
      {nodes.map(({ key, label, y }) => (
        <g key={key}>
          <rect x="1" y={y + 1} width={width - 2} height="32" rx="6" />
          <text x="12" y={y + 21}>
            {label}
          </text>
          <title>{key}</title>
        </g>
      ))}
    </svg>
  )
}
