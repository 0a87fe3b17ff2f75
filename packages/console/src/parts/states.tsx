import type { ComponentChildren, JSX } from 'preact'
import type { Problem } from '../adapters/api.ts'
import type { Load } from '../use-load.ts'

interface LoadedProps<Value> {
  load: Load<Value>
  /** What is shown once it is there. */
  children: (value: Value) => ComponentChildren
}

/** Something that is loaded: shown, or what there is to say while it is not there. */
export function Loaded<Value>({ load, children }: LoadedProps<Value>): JSX.Element {
  const { value, problem, isSlow, reload } = load
  return (
    <>
      {problem && <Failure problem={problem} retry={reload} />}
      {value === undefined && !problem && <Waiting isSlow={isSlow} />}
      {value !== undefined && children(value)}
    </>
  )
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
  retry?: () => void
}

/** It did not work, why, and what to do. */
export function Failure({ problem, retry }: FailureProps): JSX.Element {
  return (
    <div class="state failure" role="alert">
      <p>
        <strong>{problem.message}</strong> <code>{problem.code}</code>
      </p>
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  )
}

/** There is nothing, and why that may be so. */
export function Empty({ children }: { children: ComponentChildren }): JSX.Element {
  return <div class="state">{children}</div>
}
