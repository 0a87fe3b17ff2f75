import { suppressionsOf } from '../core/privacy-request.ts'
import type { RemovedPerson } from '../core/removal.ts'
import type { CollectorEnv } from '../env.ts'
import { SUPPRESSIONS_TTL_MS } from '../limits.ts'
import { callPrivacy } from './privacy-requests.ts'

let known: { people: RemovedPerson[]; readAtMs: number } | undefined

/** Who is suppressed, as far as this instance of the collector knows: at most half a minute old, unless the journal does not answer. */
export async function readSuppressions(
  env: CollectorEnv,
  nowMs: number,
): Promise<readonly RemovedPerson[]> {
  if (known && Math.abs(nowMs - known.readAtMs) < SUPPRESSIONS_TTL_MS) return known.people
  try {
    const requests = await callPrivacy(env, 'ofOperations', 'suppress', 'unsuppress')
    known = { people: suppressionsOf(requests), readAtMs: nowMs }
  } catch {
    // What is stored because of that is dropped by the profiles all the same (R17).
  }
  return known?.people ?? []
}

/** Has the next call read anew. */
export function forgetSuppressions(): void {
  known = undefined
}
