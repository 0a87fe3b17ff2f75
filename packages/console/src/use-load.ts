import { useEffect, useState } from 'preact/hooks'
import type { Answer, Problem } from './adapters/api.ts'

/** What is being loaded, and how far that is. A value stays while it is loaded again. */
export interface Load<Value> {
  value: Value | undefined
  /** When the value came, milliseconds since 1970. */
  loadedAtMs: number
  /** Why the last attempt failed; a value beside it is of an earlier one. */
  problem: Problem | undefined
  /** Somebody waits for it: the page was opened, something else was asked for, or it takes long. */
  isBusy: boolean
  /** It takes longer than one likes to wait without a word. */
  isSlow: boolean
  /** The value is still that of what was asked for before. */
  isOther: boolean
  reload: () => void
}

interface State<Value> extends Pick<Load<Value>, 'value' | 'loadedAtMs' | 'problem'> {
  /** What the value or the problem is of. */
  key: string | undefined
  isLoading: boolean
  isSlow: boolean
}

/** From then on a wait is said to be long. */
export const SLOW_MS = 1500

/**
 * Loads something when the page is shown, whenever `key` changes, and on demand.
 *
 * @param everyMs Loads it again so long after each answer, so that a slow one is waited for; 0 for not at all.
 */
export function useLoad<Value>(
  load: () => Promise<Answer<Value>>,
  key: string,
  everyMs = 0,
): Load<Value> {
  const [round, setRound] = useState({ isAsked: true })
  const [state, setState] = useState<State<Value>>(NOTHING)
  useEffect(() => {
    let isCurrent = true
    let next: ReturnType<typeof setTimeout> | undefined
    setState((old) => ({ ...old, isLoading: true, isSlow: false }))
    const slow = setTimeout(() => setState((old) => ({ ...old, isSlow: true })), SLOW_MS)
    void load().then((answer) => {
      clearTimeout(slow)
      if (!isCurrent) return
      setState((old) => settle(old, key, answer))
      if (everyMs > 0) next = setTimeout(() => setRound({ isAsked: false }), everyMs)
    })
    return () => {
      isCurrent = false
      clearTimeout(slow)
      clearTimeout(next)
    }
  }, [key, round, everyMs])
  const isOther = state.key !== key
  const { value, loadedAtMs, isSlow } = state
  return {
    value,
    loadedAtMs,
    problem: isOther ? undefined : state.problem,
    isBusy: isOther || (state.isLoading && (round.isAsked || isSlow)),
    isSlow,
    isOther,
    reload: () => setRound({ isAsked: true }),
  }
}

const NOTHING = {
  key: undefined,
  value: undefined,
  loadedAtMs: 0,
  problem: undefined,
  isLoading: true,
  isSlow: false,
}

/** A failure keeps what there was of the same thing, and of nothing else. */
function settle<Value>(old: State<Value>, key: string, answer: Answer<Value>): State<Value> {
  const settled = { key, isLoading: false, isSlow: false }
  if (answer.ok) {
    return { ...settled, value: answer.value, loadedAtMs: Date.now(), problem: undefined }
  }
  const value = old.key === key ? old.value : undefined
  return { ...settled, value, loadedAtMs: old.loadedAtMs, problem: answer.problem }
}
