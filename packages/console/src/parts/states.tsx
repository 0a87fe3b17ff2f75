import type { ComponentChildren, JSX } from 'preact'
import type { Problem } from '../adapters/api.ts'
import { formatClock } from '../core/format.ts'
import type { Load } from '../use-load.ts'

interface LoadedProps<Value> {
  load: Load<Value>
  /** What is shown once it is there. */
  children: (value: Value) => ComponentChildren
}

/**
 * Something that is loaded: shown, or what there is to say while it is not there. What is loaded again stays in its place,
 * dimmed, and out of sight where it is of something else.
 */
export function Loaded<Value>({ load, children }: LoadedProps<Value>): JSX.Element {
  const { value, isBusy, isSlow, isOther } = load
  const wait = isSlow ? 'This takes longer than usual. Still waiting …' : 'Loading …'
  return (
    <>
      <LoadFailure load={load} />
      {value === undefined && !load.problem && <Waiting isSlow={isSlow} />}
      {value !== undefined && (
        <>
          <p class="busy" role="status">
            {isBusy && wait}
          </p>
          <div class={isBusy && isOther ? 'loaded other' : 'loaded'} aria-busy={isBusy}>
            {children(value)}
          </div>
        </>
      )}
    </>
  )
}

/** Why something could not be loaded, and from when that is which is shown all the same. */
export function LoadFailure({ load }: { load: Load<unknown> }): JSX.Element | null {
  const { value, loadedAtMs, problem, isBusy, reload } = load
  if (!problem) return null
  const since = value === undefined ? undefined : formatClock(new Date(loadedAtMs).toISOString())
  return <Failure problem={problem} since={since} isBusy={isBusy} retry={reload} />
}

/** Nothing is there yet. */
export function Waiting({ isSlow }: { isSlow: boolean }): JSX.Element {
  return (
    <div class="state" role="status">
      <span class="spinner" aria-hidden="true" />
      <p>{isSlow ? 'This takes longer than usual. Still waiting …' : 'Loading …'}</p>
    </div>
  )
}

interface FailureProps {
  problem: Problem
  /** Time of day (UTC) of what is shown below all the same. */
  since?: string | undefined
  /** It is being tried again. */
  isBusy?: boolean
  retry?: () => void
}

/** It did not work, why, and what to do. */
export function Failure({ problem, since, isBusy = false, retry }: FailureProps): JSX.Element {
  return (
    <div class="state failure" role="alert">
      <p>
        <strong>{problem.message}</strong> <code>{problem.code}</code>
        {since && <> What is shown is of {since} UTC.</>}
      </p>
      {retry && (
        <button type="button" disabled={isBusy} onClick={retry}>
          {isBusy ? 'Trying again …' : 'Try again'}
        </button>
      )}
    </div>
  )
}

/** There is nothing, and why that may be so. */
export function Empty({ children }: { children: ComponentChildren }): JSX.Element {
  return <div class="state">{children}</div>
}
