import { parseJson } from './core/json.ts'
import { continueSession, type Session } from './core/session.ts'
import type { Storage } from './platform.ts'

/** The session of a call, as the tabs of an origin share it; under one key of `storage`. */
export function openSession(
  storage: Storage,
  key: string,
  newId: () => string,
): (nowMs: number, search: string) => Session {
  return (nowMs, search) => {
    const stored = storage.get(key)
    const known = parseJson(stored) as Partial<Session> | undefined
    const session = continueSession(known, nowMs, search, newId)
    const text = JSON.stringify(session)
    if (text !== stored) storage.set(key, text)
    return session
  }
}
