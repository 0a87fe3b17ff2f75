import { useEffect, useState } from 'preact/hooks'
import type { Answer, Problem } from './adapters/api.ts'

/** What is being loaded, and how far that is. A value stays while it is loaded again. */
export interface Load<Value> {
  value: Value | undefined
  problem: Problem | undefined
  isLoading: boolean
  /** It takes longer than one likes to wait without a word. */
  isSlow: boolean
  reload: () => void
}

const SLOW_MS = 1500

/**
 * Loads something when the page is shown, whenever `key` changes, and on demand.
 *
 * @param everyMs Loads it again so often; 0 for not at all.
 */
export function useLoad<Value>(
  load: () => Promise<Answer<Value>>,
  key: string,
  everyMs = 0,
): Load<Value> {
  const [round, setRound] = useState(0)
  const [state, setState] = useState<Omit<Load<Value>, 'reload'>>(LOADING)
  useEffect(() => setState(LOADING), [key])
  useEffect(() => {
    let isCurrent = true
    const slow = setTimeout(() => setState((old) => ({ ...old, isSlow: old.isLoading })), SLOW_MS)
    setState((old) => ({ ...old, isLoading: true }))
    void load().then((answer) => {
      clearTimeout(slow)
      if (!isCurrent) return
      const value = answer.ok ? answer.value : undefined
      const problem = answer.ok ? undefined : answer.problem
      setState((old) => ({ value: value ?? old.value, problem, isLoading: false, isSlow: false }))
    })
    const next = everyMs > 0 ? setInterval(() => setRound((old) => old + 1), everyMs) : 0
    return () => {
      isCurrent = false
      clearTimeout(slow)
      clearInterval(next)
    }
  }, [key, round, everyMs])
  return { ...state, reload: () => setRound((old) => old + 1) }
}

const LOADING = { value: undefined, problem: undefined, isLoading: true, isSlow: false }
