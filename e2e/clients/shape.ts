import { randomUUID } from 'node:crypto'
import { WRITE_KEY } from '../collector.ts'
import type { RawAnswer, RawRequest } from './raw-request.ts'

/** What a client does after an answer. */
export type Judgement = 'done' | 'again' | 'drop'

/** What a delivery consists of; it stays the same over all attempts. */
export interface Made {
  userId: string
  writeKey: string
  /** Name of the event that is tracked. */
  event: string
  /** Of the batch itself, which has one where the client is Go's. */
  batchId: string
  /** Of the track call and of the identify call. */
  messageIds: readonly [string, string]
  /** When they were called. */
  madeAt: Date
  /** When the first attempt was made, or its file was closed. */
  firstSentAt: Date
}

/**
 * A client that cannot run here: the requests it makes and what it does with answers, as its source says. Python's, Ruby's
 * and PHP's requests were recorded from the real ones, those of the others are read from their source.
 */
export interface Shape {
  name: string
  change: string
  /** Asks for its settings first. */
  settingsRequest?: RawRequest
  /** The request that an attempt made at `sentAt` sends for a track and an identify call. */
  request(made: Made, sentAt: Date): RawRequest
  judge(answer: RawAnswer): Judgement
  /** What it does when the connection breaks instead. */
  afterBrokenConnection: Judgement
  /** Whether it waits as `Retry-After` says after a 429; else it has pauses of its own. */
  obeysRetryAfter: boolean
}

/** Calls of one delivery, new each time. */
export function makeCalls(userId: string, writeKey: string = WRITE_KEY): Made {
  const madeAt = new Date()
  const messageIds = [randomUUID(), randomUUID()] as const
  return {
    userId,
    writeKey,
    event: 'Bought',
    batchId: randomUUID(),
    messageIds,
    madeAt,
    firstSentAt: madeAt,
  }
}

/** The write key as servers send it. */
export const basic = ({ writeKey }: Made): string =>
  `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`

/** 3xx, 429 and 5xx again, other refusals never. */
export function judgeByStatus({ status }: RawAnswer): Judgement {
  if (status < 300) return 'done'
  return status === 429 || status >= 500 || status < 400 ? 'again' : 'drop'
}
