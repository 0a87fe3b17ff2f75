import type { Identity } from './core/identity.ts'
import { parseJson } from './core/json.ts'
import type { Seams } from './core-parts.ts'
import type { Storage } from './platform.ts'

/** The identity that the tabs of an origin share. */
export interface IdentityStore {
  /** The identity as it is now, in whichever tab it was changed; always with an `anonymousId`. */
  read(): Identity & { anonymousId: string }
  /** Replaces the identity. Throws when it cannot be serialised, and then changes nothing. */
  write(identity: Identity): void
  /** The identity as it is stored, which may be none. */
  peek(): Identity
}

/** The identity under one key of `storage`, read anew at each call so that two tabs agree. */
export function openIdentity(
  storage: Storage,
  key: string,
  newId: () => string,
  seams: Pick<Seams, 'identified'>,
): IdentityStore {
  let text: string | undefined
  let parsed: Identity = {}

  function write(identity: Identity): void {
    storage.set(key, JSON.stringify(identity))
    const { anonymousId } = peek()
    seams.identified?.(anonymousId)
  }

  function peek(): Identity {
    const stored = storage.get(key)
    if (stored !== text) {
      text = stored
      parsed = { ...(parseJson(stored) as Identity) }
    }
    return parsed
  }

  return {
    read() {
      if (!peek().anonymousId) write({ ...parsed, anonymousId: newId() })
      return parsed as Identity & { anonymousId: string }
    },
    write,
    peek,
  }
}
