import {
  isJsonObject,
  type Json,
  type JsonObject,
  MAX_MESSAGE_ID_LENGTH,
  type Refusal,
  type Verdict,
} from '@tributary/protocol'
import { sha256, toHex, toUint64 } from './adapters/digest.ts'
import { appendToJournals, type RoutedItem, type RouteOutcome } from './adapters/journals.ts'
import type { ResolvedConfig } from './config.ts'
import { dedupeBucket } from './core/dedupe-bucket.ts'
import { contentText, withoutVolatile } from './core/fingerprint.ts'
import type { Judged } from './core/judge.ts'
import { type Arrival, normalise } from './core/normalise.ts'
import { quarantineRecord, type Refused } from './core/quarantine.ts'
import { shardKey } from './core/shard.ts'
import { parseTimestamp } from './core/timestamps.ts'
import type { CollectorEnv } from './env.ts'
import { MAX_PAYLOAD_BYTES } from './limits.ts'

/** What the collector knows about a request beside its events. */
export type RequestFacts = Omit<Arrival, 'messageId' | 'sentType'>

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
  { shards }: ResolvedConfig,
  facts: RequestFacts,
  judged: readonly Judged[],
): Promise<EventVerdict[]> {
  const source = facts.source.id
  const receivedAt = facts.receivedAtMs
  const prepared = await Promise.all(
    judged.map((item, index) => prepare(item, facts, index).catch(() => quarantine(item, facts))),
  )
  const routed = prepared.map(({ item }) => item)
  const outcomes = await appendToJournals(env, shards, { source, receivedAt, requests: 1 }, routed)

  const conflicts = prepared.filter((_, index) => outcomes[index] === 'conflict')
  const conflictItems = await Promise.all(
    conflicts.map(({ raw }) => quarantineItem(raw, ID_CONFLICT, facts)),
  )
  const again = { source, receivedAt, requests: 0 }
  const keptConflicts = await appendToJournals(env, shards, again, conflictItems)
  const outcomeOfConflict = new Map(conflicts.map((item, index) => [item, keptConflicts[index]]))

  return prepared.map((item, index): EventVerdict => {
    const outcome = outcomeOfConflict.get(item) ?? (outcomes[index] as RouteOutcome)
    const refusal = outcomeOfConflict.has(item) ? ID_CONFLICT : item.refusal
    return { messageId: item.messageId, ...verdictOf(outcome, refusal) }
  })
}

/** A refused record that is stored, or was before, is `rejected`: the client may forget it. */
function verdictOf(outcome: RouteOutcome, refusal: Refusal<string> | undefined): Verdict {
  if (outcome === 'unavailable' || outcome === 'conflict') return { status: 'retry' }
  if (refusal) return { status: 'rejected', ...refusal }
  return { status: outcome }
}

/** Whatever we did not foresee in an event must cost that event alone, and not the batch around it. */
async function quarantine({ raw }: Judged, facts: RequestFacts): Promise<Prepared> {
  return { raw, ...(await refuseEvent(raw, NOT_STORABLE, facts)) }
}

/** An event ready for the journal. */
interface Prepared {
  raw: unknown
  /** As the client knows it. */
  messageId: string | undefined
  refusal?: Refusal<string>
  item: RoutedItem
}

async function prepare(judged: Judged, facts: RequestFacts, index: number): Promise<Prepared> {
  const { raw, refusal } = judged
  if (refusal) return { raw, ...(await refuseEvent(raw, refusal, facts)) }
  const { event, own } = judged
  const messageId = await messageIdOf(own, facts, index)
  const [idDigest, contentDigest] = await Promise.all([
    sha256(JSON.stringify([facts.source.id, messageId])),
    sha256(contentText(own)),
  ])
  const id = toUint64(idDigest)
  const originalMs = parseTimestamp(event.timestamp ?? event.originalTimestamp)
  const arrival: Arrival = { ...facts, messageId }
  const sentType = isJsonObject(raw) ? raw.type : undefined
  if (sentType !== undefined && sentType !== event.type) arrival.sentType = sentType
  const item: RoutedItem = {
    shardKey: shardKey(facts.source.id, event, messageId),
    line: JSON.stringify(normalise(event, arrival)),
    fingerprint: {
      id,
      content: toUint64(contentDigest),
      bucket: dedupeBucket(messageId, originalMs, id),
    },
  }
  return { raw, messageId: textOf(event.messageId), item }
}

/**
 * The client's `messageId`, or one derived from content and time, so that a retry has it too. An event without a time
 * of its own takes the request's and its place in it; where there is none either, it is new each time, since nothing
 * tells a retry from a second occurrence.
 */
async function messageIdOf(event: JsonObject, facts: RequestFacts, index: number): Promise<string> {
  const sent = textOf(event.messageId)
  if (sent !== undefined && sent.length <= MAX_MESSAGE_ID_LENGTH) return sent
  if (sent !== undefined) return deriveId(sent)
  const ownTime = event.timestamp ?? event.originalTimestamp
  const requestTime = event.sentAt ?? facts.sentAt ?? crypto.randomUUID()
  const time = ownTime ?? [requestTime, index]
  return deriveId(JSON.stringify([facts.source.id, contentText(event), time]))
}

async function deriveId(text: string): Promise<string> {
  return `h_${toHex(await sha256(text), 16)}`
}

async function refuseEvent(raw: unknown, refusal: Refusal<string>, facts: RequestFacts) {
  const messageId = isJsonObject(raw) ? textOf(raw.messageId) : undefined
  return { messageId, refusal, item: await quarantineItem(raw, refusal, facts) }
}

async function quarantineItem(
  raw: unknown,
  refusal: Refusal<string>,
  { source: { id: source }, receivedAtMs }: RequestFacts,
): Promise<RoutedItem> {
  const refused = quarantineRecord(source, receivedAtMs, refusal, raw as Json, MAX_PAYLOAD_BYTES)
  const digest = await sha256(`quarantine\n${contentOf(refused)}`)
  const id = toUint64(digest)
  const payload: JsonObject = isJsonObject(refused.payload) ? refused.payload : {}
  const name = `q_${toHex(digest, 16)}`
  return {
    shardKey: shardKey(source, payload, name),
    line: JSON.stringify({ id: name, ...refused }),
    fingerprint: {
      id,
      content: id,
      bucket: dedupeBucket(name, parseTimestamp(payload.timestamp), id),
    },
    quarantineCode: refused.code,
  }
}

/** Equal for two deliveries of one refused payload. */
function contentOf({ receivedAt: _, payload, ...reason }: Refused): string {
  return JSON.stringify([reason, isJsonObject(payload) ? withoutVolatile(payload) : payload])
}

/** An id as text; an empty one is none. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}
