import type { Rules } from '@tributary/identity'
import type { Refusal, Verdict } from '@tributary/protocol'
import { hashAddresses } from './adapters/ip-hashes.ts'
import { journalOf } from './adapters/journal-stubs.ts'
import { appendToJournals, type RouteOutcome } from './adapters/journals.ts'
import { readSuppressions } from './adapters/suppressions.ts'
import type { ResolvedConfig } from './config.ts'
import type { Judged } from './core/judge.ts'
import { addressesInPayload } from './core/redact.ts'
import { createFilter } from './core/removal.ts'
import type { CollectorEnv } from './env.ts'
import {
  type Prepared,
  prepareRecord,
  prepareRefusal,
  type RequestFacts,
} from './prepare-record.ts'
import { ACCOUNT_SHARD } from './stores/deliveries.ts'

/** The decision on one event of a request. */
export interface EventVerdict extends Verdict {
  /** The client's id; `undefined` where it sent none. */
  messageId: string | undefined
}

const ID_CONFLICT: Refusal<string> = {
  code: 'id_conflict',
  message:
    'This messageId is stored with other content. The first is kept, this one is in quarantine.',
}

const NOT_STORABLE: Refusal<string> = {
  code: 'not_storable',
  message: 'The collector could not normalise this event. It is kept for when it can.',
}

/**
 * Makes the events of a request durable, each for itself: normalised where its shape is right, in quarantine
 * where it is not, nowhere where it is stored already.
 *
 * @returns Verdicts in the order of the events, given only after everything acknowledged in them is durable.
 */
export async function recordEvents(
  env: CollectorEnv,
  { shards, rules }: ResolvedConfig,
  request: RequestFacts,
  judged: readonly Judged[],
): Promise<EventVerdict[]> {
  const source = request.source.id
  const receivedAt = request.receivedAtMs
  const facts = await withIpHashes(request, judged, env.TRIBUTARY_IP_SECRET)
  const prepared = await Promise.all(
    judged.map((item, index) =>
      prepareRecord(item, facts, index).catch((error) => unforeseen(item, facts, error)),
    ),
  )
  const isSuppressed = await findSuppressed(env, rules, source, prepared, receivedAt)
  const kept = prepared.filter((item) => !isSuppressed(item))
  const appended = { source, receivedAt, requests: 1, endedStreams: facts.endedStreams ?? [] }
  const keptOutcomes = await appendToJournals(
    env,
    shards,
    appended,
    kept.map(({ item }) => item),
  )
  const outcomeOf = new Map(kept.map((item, index) => [item, keptOutcomes[index]]))
  // An objection is no fault of the sender's, who may forget the event.
  const outcomes = prepared.map((item) => outcomeOf.get(item) ?? 'accepted')

  const conflicts = prepared.filter((_, index) => outcomes[index] === 'conflict')
  const keptConflicts = await appendToJournals(
    env,
    shards,
    { source, receivedAt, requests: 0, endedStreams: [] },
    conflicts.map(({ raw }) => prepareRefusal(raw, ID_CONFLICT, facts).item),
  )
  const outcomeOfConflict = new Map(conflicts.map((item, index) => [item, keptConflicts[index]]))

  return prepared.map((item, index): EventVerdict => {
    const outcome = outcomeOfConflict.get(item) ?? (outcomes[index] as RouteOutcome)
    const refusal = outcomeOfConflict.has(item) ? ID_CONFLICT : item.refusal
    return { messageId: item.messageId, ...verdictOf(outcome, refusal) }
  })
}

/** Tells the events of people who had objected when they happened (R17), and counts them. */
async function findSuppressed(
  env: CollectorEnv,
  rules: Rules,
  source: string,
  prepared: readonly Prepared[],
  nowMs: number,
): Promise<(item: Prepared) => boolean> {
  const suppressed = await readSuppressions(env, nowMs)
  if (suppressed.length === 0) return () => false
  const filter = createFilter({ events: [], refused: [], suppressed: [...suppressed] }, rules)
  const found = new Set(
    prepared.filter(({ refusal, item }) => !refusal && filter.takesEvent(item.line)),
  )
  if (found.size > 0) await journalOf(env, ACCOUNT_SHARD).countSuppressed(source, found.size)
  return (item) => found.has(item)
}

/** A refused record that is stored, or was before, is `rejected`: the client may forget it. */
function verdictOf(outcome: RouteOutcome, refusal: Refusal<string> | undefined): Verdict {
  if (outcome === 'unavailable' || outcome === 'conflict') return { status: 'retry' }
  if (refusal) return { status: 'rejected', ...refusal }
  return { status: outcome }
}

/** Whatever we did not foresee in an event must cost that event alone, and not the batch around it. */
function unforeseen({ raw }: Judged, facts: RequestFacts, error: unknown): Prepared {
  // biome-ignore lint/suspicious/noConsole: the operator's log is where an unforeseen failure must show
  console.error(error)
  return prepareRefusal(raw, NOT_STORABLE, facts)
}

/** With the policy `hash`: the hashes of all addresses in the request, so that what follows needs no secret. */
async function withIpHashes(
  facts: RequestFacts,
  judged: readonly Judged[],
  secret: string | undefined,
): Promise<RequestFacts> {
  if (facts.source.ip !== 'hash' || !secret) return facts
  const day = new Date(facts.receivedAtMs).toISOString().slice(0, 10)
  const sent = judged.flatMap(({ raw }) => addressesInPayload(raw))
  const { ip } = facts.device ?? {}
  return { ...facts, ipHashes: await hashAddresses(secret, day, ip ? [ip, ...sent] : sent) }
}
