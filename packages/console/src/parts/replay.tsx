import type { ReplayAnswer } from '@tributary/protocol'
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { callApi, type Problem } from '../adapters/api.ts'
import { formatCount } from '../core/format.ts'
import { sumReplays } from '../core/sum-replays.ts'
import { Code } from './code.tsx'
import { Failure } from './states.tsx'

interface ReplayProps {
  code: string
  source: string
}

/** Judges all records of a group again, however many calls that takes: first what would be stored, then for good. */
export function Replay(group: ReplayProps): JSX.Element {
  const { run, problem, isBusy, start, stop } = useReplay(group)
  const { sum, preview = true } = run ?? {}
  const isPartial = typeof sum?.cursor === 'string'
  return (
    <div class="replay" aria-busy={isBusy}>
      <div class="choices">
        <button type="button" disabled={isBusy} onClick={() => start({ preview: true })}>
          Preview a replay
        </button>
        {sum && preview && sum.stored > 0 && (
          <button
            type="button"
            class="primary"
            disabled={isBusy}
            onClick={() => start({ preview: false })}
          >
            Replay {isPartial ? 'all' : formatCount(sum.stored)} now
          </button>
        )}
        {isBusy && (
          <button type="button" onClick={stop}>
            Stop
          </button>
        )}
        {run && isPartial && !isBusy && (
          <button type="button" onClick={() => start(run)}>
            Go on
          </button>
        )}
      </div>
      {problem && <Failure problem={problem} />}
      {isBusy && (
        <p role="status" class="note">
          <span class="spinner" aria-hidden="true" /> {preview ? 'Previewing' : 'Replaying'}:{' '}
          {formatCount(sum?.examined ?? 0)} records so far …
        </p>
      )}
      {sum && !isBusy && <Outcome sum={sum} isPreview={preview} isPartial={isPartial} />}
    </div>
  )
}

/** A replay, or its preview, and what its calls so far have come to. */
interface Run {
  preview: boolean
  sum?: ReplayAnswer
}

function useReplay({ code, source }: ReplayProps) {
  const [run, setRun] = useState<Run>()
  const [problem, setProblem] = useState<Problem>()
  const [isBusy, setBusy] = useState(false)
  const isWanted = useRef(false)
  const stop = () => {
    isWanted.current = false
  }
  // Nobody sees how far it is any more.
  useEffect(() => stop, [])
  const start = async ({ preview, sum }: Run) => {
    isWanted.current = true
    setProblem(undefined)
    setBusy(true)
    let done = sum
    setRun({ preview, ...(done && { sum: done }) })
    do {
      const cursor = done?.cursor ?? undefined
      const order = { code, source, preview, cursor }
      const answer = await callApi<ReplayAnswer>('/api/quarantine/replay', 'POST', order)
      if (!answer.ok) {
        setProblem(answer.problem)
        break
      }
      done = sumReplays(done, answer.value)
      setRun({ preview, sum: done })
    } while (done.cursor !== null && isWanted.current)
    setBusy(false)
  }
  return { run, problem, isBusy, start: (from: Run) => void start(from), stop }
}

interface OutcomeProps {
  sum: ReplayAnswer
  isPreview: boolean
  /** There are records that were not looked at. */
  isPartial: boolean
}

function Outcome({ sum, isPreview, isPartial }: OutcomeProps): JSX.Element {
  const { examined, stored, duplicates, stillRejected, notReplayable, samples = [] } = sum
  const refused = Object.entries(stillRejected)
  return (
    <div role="status">
      <p class="note">
        {isPartial && 'Stopped before the end. '}
        {formatCount(examined)} records looked at:{' '}
        {isPreview ? `${formatCount(stored)} would be stored` : `${formatCount(stored)} stored`}
        {duplicates > 0 && `, ${formatCount(duplicates)} were stored before`}
        {refused.map(([code, count]) => `, ${formatCount(count)} still refused as ${code}`)}
        {notReplayable > 0 && `, ${formatCount(notReplayable)} not kept whole`}.
      </p>
      {samples.map(({ id, event }) => (
        <Code key={id} label="Would be stored" text={JSON.stringify(event, null, 2)} />
      ))}
    </div>
  )
}
