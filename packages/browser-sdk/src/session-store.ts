import { continueSession, type Session } from './core/session.ts'
import type { Storage } from './platform.ts'

/** The session of a call, as the tabs of an origin share it; under one key of `storage`. */
export function openSession(
  storage: Storage,
  key: string,
  newId: () => string,
): (nowMs: number, search: string) => Session {
  let text: string | undefined
  let session: Session | undefined
  return (nowMs, search) => {
    const stored = storage.get(key)
    if (stored !== text) {
      text = stored
      session = parseSession(stored)
    }
    const next = continueSession(session, nowMs, search, newId)
    if (next !== session) storage.set(key, JSON.stringify(next))
    return next
  }
}

/** Whatever another script left under our key must not stop the tracker. */
function parseSession(text: string | undefined): Session | undefined {
  try {
    const session = JSON.parse(text ?? '0')
    return session.id && session.at ? session : undefined
  } catch {
    return undefined
  }
}
