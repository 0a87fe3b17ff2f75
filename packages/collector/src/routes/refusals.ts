import type { Refusal } from '@tributary/protocol'
import { type ErrorStatus, errorAnswer } from '../answers.ts'
import type { ResolvedConfig } from '../config.ts'
import type { CollectorEnv } from '../env.ts'
import { recordEvents } from '../intake.ts'
import type { RequestFacts } from '../prepare-record.ts'
import { unavailable } from './ingest-answer.ts'

/**
 * Refusals of a whole body that are not 400. Too much at once can be mended by sending less. What did not arrive may
 * arrive next time: 408 would say so, but RudderStack's and Segment's mobile SDKs drop on every 4xx except 429.
 */
const STATUSES: Readonly<Record<string, ErrorStatus>> = {
  body_too_large: 413,
  too_many_events: 413,
  body_timeout: 503,
  body_incomplete: 503,
}

/** The status of a body that is refused as a whole. */
export function refusalStatus(code: string): ErrorStatus {
  return STATUSES[code] ?? 400
}

/** Keeps what was sent as one record, and says why it was refused. What the client will send again is not kept. */
export async function refuseBody(
  env: CollectorEnv,
  config: ResolvedConfig,
  facts: RequestFacts,
  refusal: Refusal<string>,
  raw: unknown,
): Promise<Response> {
  const { code, message } = refusal
  const status = refusalStatus(code)
  if (status !== 503) {
    const [verdict] = await recordEvents(env, config, facts, [
      { raw, refusal, isCut: code === 'body_too_large' && typeof raw === 'string' },
    ])
    if (verdict?.status === 'retry') return unavailable()
  }
  return errorAnswer(status, code, message)
}
