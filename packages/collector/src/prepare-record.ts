import {
  accept,
  isJsonObject,
  type Json,
  type JsonObject,
  MAX_MESSAGE_ID_LENGTH,
  MAX_STREAM_LENGTH,
  MAX_STREAM_SEQ,
  type ParsedEvent,
  type PreviousStream,
  type Refusal,
  type Result,
  refuse,
} from '@tributary/protocol'
import type { RoutedItem } from './adapters/journals.ts'
import { readUserAgent } from './adapters/user-agent.ts'
import type { Arrival } from './core/arrival.ts'
import { checkPlan } from './core/check-plan.ts'
import { dedupeBucket } from './core/dedupe-bucket.ts'
import type { EventTimes } from './core/event-time.ts'
import { contentHash, deviceHash, idHash } from './core/fingerprint.ts'
import type { Judged } from './core/judge.ts'
import { botReasons } from './core/normalise/bots.ts'
import { userAgentOf } from './core/normalise/user-agent.ts'
import { normalise } from './core/normalise.ts'
import { quarantineRecord } from './core/quarantine.ts'
import { redactPayload } from './core/redact.ts'
import { ownerOf, shardKey } from './core/shard.ts'
import type { SourceConfig } from './core/source-config.ts'
import type { StoredEvent } from './core/stored-event.ts'
import { toLine } from './core/stored-line.ts'
import { timesOf } from './core/times.ts'
import { parseTimestamp } from './core/timestamps.ts'
import { MAX_PAYLOAD_BYTES } from './limits.ts'

/** What the collector knows about a request beside its events. */
export interface RequestFacts extends Omit<Arrival, 'messageId' | 'sentType' | 'agent' | 'times'> {
  /** Streams of which the client says that they have ended. */
  endedStreams?: readonly PreviousStream[]
}

/** An event ready for the journal. */
export interface Prepared {
  raw: unknown
  /** As the client knows it. */
  messageId: string | undefined
  refusal?: Refusal<string>
  item: RoutedItem
}

/**
 * Makes the record of one event: normalised where its shape is right and its source takes it, refused else.
 *
 * @param index Its place in the request.
 */
export async function prepareRecord(
  judged: Judged,
  facts: RequestFacts,
  index: number,
): Promise<Prepared> {
  const { raw, refusal } = judged
  if (refusal) return prepareRefusal(raw, refusal, facts, judged.isCut)
  const { event, own } = judged
  const messageId = messageIdOf(own, facts, index)
  const id = idHash(facts.source.id, messageId).toBigInt()
  const arrival = arrivalOf(judged, facts, messageId)
  const checked = await applyPolicies(normalise(event, arrival), facts.source)
  if (!checked.ok) return prepareRefusal(raw, checked.error, facts)
  const key = shardKey(facts.source.id, event, messageId)
  const { line, tailLength } = toLine(checked.value)
  const item: RoutedItem = {
    shardKey: key,
    line,
    type: event.type,
    fingerprint: {
      id,
      content: contentHash(own).toBigInt(),
      bucket: dedupeBucket(messageId, arrival.times.originalMs, id),
    },
  }
  // What arrived long ago tells nothing of the device's clock now, and what names nobody nothing of any device's.
  if (!facts.replay && ownerOf(event) !== undefined)
    item.clock = { device: deviceHash(key), times: arrival.times, tailLength }
  const delivery = deliveryOf(event)
  if (delivery) item.delivery = delivery
  return { raw, messageId: textOf(event.messageId), item }
}

/** What is known of one event beside its content. */
function arrivalOf(
  { raw, event }: Judged & { event: ParsedEvent },
  facts: RequestFacts,
  messageId: string,
): Arrival & { times: EventTimes } {
  const { sentAt, replay } = facts
  const times = timesOf(event, {
    receivedAtMs: replay?.receivedAtMs ?? facts.receivedAtMs,
    ...(sentAt !== undefined && { sentAt }),
  })
  const arrival: Arrival & { times: EventTimes } = { ...facts, messageId, times }
  const sentType = isJsonObject(raw) ? raw.type : undefined
  if (sentType !== undefined && sentType !== event.type) arrival.sentType = sentType
  const userAgent = userAgentOf(event, facts.device)
  if (userAgent !== undefined) arrival.agent = readUserAgent(userAgent)
  return arrival
}

/** What the source's policies say of a normalised event: bots, then the plan. */
async function applyPolicies(
  event: StoredEvent,
  { bots, plan }: SourceConfig,
): Promise<Result<StoredEvent, Refusal<string>>> {
  const reasons = bots === 'quarantine' ? botReasons(event) : undefined
  if (reasons !== undefined) return refuse('bot', `The source takes no bots: ${reasons}.`)
  return plan ? checkPlan(event, plan) : accept(event)
}

/**
 * The client's `messageId`, or one derived from content and time, so that a retry has it too. An event without a time
 * of its own takes the request's and its place in it; where there is none either, it is new each time, since nothing
 * tells a retry from a second occurrence.
 */
function messageIdOf(event: JsonObject, facts: RequestFacts, index: number): string {
  const sent = textOf(event.messageId)
  if (sent !== undefined && sent.length <= MAX_MESSAGE_ID_LENGTH) return sent
  if (sent !== undefined) return `h_${hex128(sent)}`
  const sentTime = event.timestamp ?? event.originalTimestamp
  // A time that cannot be read may be the same every time, and would make all such events one.
  const ownTime = parseTimestamp(sentTime) === undefined ? undefined : sentTime
  const requestTime = event.sentAt ?? facts.sentAt ?? crypto.randomUUID()
  return `h_${hex128({ source: facts.source.id, event: hex128(event), time: ownTime ?? [requestTime, index] })}`
}

/** 128 bits of content, in hexadecimal. */
function hex128(content: Json): string {
  return contentHash(content).toHex() + contentHash(content, 1).toHex()
}

/**
 * Makes the record of something that is refused.
 *
 * @param isCut Whether `raw` is only the beginning of what was sent.
 */
export function prepareRefusal(
  raw: unknown,
  refusal: Refusal<string>,
  { source: config, receivedAtMs, ipHashes }: RequestFacts,
  isCut = false,
): Prepared {
  const messageId = isJsonObject(raw) ? textOf(raw.messageId) : undefined
  const source = config.id
  const kept = redactPayload(raw as Json, config, ipHashes)
  const refused = quarantineRecord(source, receivedAtMs, refusal, kept, MAX_PAYLOAD_BYTES, isCut)
  const payload: JsonObject = isJsonObject(refused.payload) ? refused.payload : {}
  const name = `q_${hex128([source, refused.code, hex128(refused.payload)])}`
  const id = idHash(source, name).toBigInt()
  const item: RoutedItem = {
    shardKey: shardKey(source, payload, name),
    line: JSON.stringify({ id: name, ...refused }),
    fingerprint: {
      id,
      content: id,
      bucket: dedupeBucket(name, parseTimestamp(payload.timestamp), id),
    },
    quarantineCode: refused.code,
  }
  const delivery = deliveryOf(payload)
  if (delivery) item.delivery = delivery
  return { raw, messageId, refusal, item }
}

/** Where an event stands in its client's count, if that counts. */
function deliveryOf({ context }: JsonObject): { stream: string; seq: number } | undefined {
  const delivery = isJsonObject(context) ? context.delivery : undefined
  if (!isJsonObject(delivery)) return undefined
  const { stream, seq } = delivery
  const isCounted = typeof seq === 'number' && Number.isInteger(seq) && seq >= 0
  if (!isCounted || seq > MAX_STREAM_SEQ) return undefined
  return typeof stream === 'string' && stream.length <= MAX_STREAM_LENGTH
    ? { stream, seq }
    : undefined
}

/** An id as text; an empty one is none. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}
