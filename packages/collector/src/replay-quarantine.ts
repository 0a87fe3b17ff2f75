import type { QuarantineRecord, ReplayAnswer } from '@tributary/protocol'
import type { ResolvedConfig } from './config.ts'
import { type Judged, judgeEvents } from './core/judge.ts'
import { readJson } from './core/read-json.ts'
import type { Position, RecordFilter } from './core/record.ts'
import { type Replay, replayEnvelope } from './core/replay.ts'
import { type Sender, senderOf } from './core/sender.ts'
import type { CollectorEnv } from './env.ts'
import { type EventVerdict, recordEvents } from './intake.ts'
import { MAX_REPLAY_SAMPLES, REPLAY_CHUNK_EVENTS, REPLAY_CONCURRENCY } from './limits.ts'
import { listRecords } from './list-records.ts'
import type { RequestFacts } from './prepare-record.ts'

/** Which quarantine records to replay, and how. */
export interface ReplayOrder {
  filter: RecordFilter
  /** Records at most. */
  limit: number
  /** Store nothing, and show what would be. */
  preview: boolean
  /** Give the events of `id_conflict` records ids of their own; without it they stay where they are. */
  newMessageIds: boolean
}

/** What became of them. */
export interface ReplayResult extends Omit<ReplayAnswer, 'cursor'> {
  /** Where to go on; `undefined` at the end. */
  next: Position | undefined
}

/**
 * Judges what is in quarantine by the rules of today, and stores what passes as events received now. The records stay.
 * Repeating it adds nothing: an event has the same id at every replay.
 *
 * @throws Error when a journal cannot store now; call it again.
 */
export async function replayQuarantine(
  env: CollectorEnv,
  config: ResolvedConfig,
  { filter, limit, preview, newMessageIds }: ReplayOrder,
  nowMs: number,
): Promise<ReplayResult> {
  const page = await listRecords(env, config.shards, 'quarantine', filter, limit)
  // Oldest first, as they came.
  const records = page.lines.map((line) => readJson(line) as QuarantineRecord).reverse()
  const result: ReplayResult = {
    examined: records.length,
    stored: 0,
    duplicates: 0,
    stillRejected: {},
    notReplayable: 0,
    ...(preview && { samples: [] }),
    next: page.next,
  }
  for (let from = 0; from < records.length; from += REPLAY_CONCURRENCY) {
    const group = records.slice(from, from + REPLAY_CONCURRENCY)
    await Promise.all(
      group.map(async (record) => {
        const sender = senderOfRecord(config, record)
        const passing = judgeRecord(sender, record, newMessageIds, result)
        if (preview) showPassing(record, passing, result)
        else if (sender) await storePassing(env, config, sender, record, passing, nowMs, result)
      }),
    )
  }
  return result
}

/** The record does not say which key it came with: it is trusted with what any key of its source is. */
function senderOfRecord(config: ResolvedConfig, record: QuarantineRecord): Sender | undefined {
  const source = config.sources.find(({ id }) => id === record.source)
  return source && senderOf(source, false)
}

/** The events of a record that pass today; the others are counted. */
function judgeRecord(
  sender: Sender | undefined,
  record: QuarantineRecord,
  newMessageIds: boolean,
  result: ReplayResult,
): Judged[] {
  const isConflict = record.code === 'id_conflict'
  if (isConflict && !newMessageIds) {
    countRejected(result, record.code)
    return []
  }
  if (!sender) {
    countRejected(result, 'unknown_source')
    return []
  }
  const events = replayEnvelope(record, isConflict)
  if (!events.ok) {
    result.notReplayable += 1
    return []
  }
  const judged = judgeEvents(events.envelope, { bodyBytes: Number.POSITIVE_INFINITY, sender })
  for (const { refusal } of judged) if (refusal) countRejected(result, refusal.code)
  return judged.filter(({ refusal }) => !refusal)
}

function showPassing(
  { id }: QuarantineRecord,
  passing: readonly Judged[],
  result: ReplayResult,
): void {
  result.stored += passing.length
  const room = MAX_REPLAY_SAMPLES - (result.samples?.length ?? 0)
  result.samples?.push(...passing.slice(0, room).map(({ raw }) => ({ id, event: raw })))
}

async function storePassing(
  env: CollectorEnv,
  config: ResolvedConfig,
  { source, isTrusted }: Sender,
  record: QuarantineRecord,
  passing: readonly Judged[],
  nowMs: number,
  result: ReplayResult,
): Promise<void> {
  const facts: RequestFacts = { source, isTrusted, receivedAtMs: nowMs, replay: replayOf(record) }
  for (let from = 0; from < passing.length; from += REPLAY_CHUNK_EVENTS) {
    const chunk = passing.slice(from, from + REPLAY_CHUNK_EVENTS)
    for (const verdict of await recordEvents(env, config, facts, chunk)) count(result, verdict)
  }
}

function replayOf({ id, receivedAt, code, payload }: QuarantineRecord): Replay {
  const replay: Replay = { id, receivedAtMs: Date.parse(receivedAt) }
  const sent = payload as { messageId?: string } | null
  if (code === 'id_conflict' && sent?.messageId !== undefined) replay.messageId = sent.messageId
  return replay
}

function count(result: ReplayResult, { status, code }: EventVerdict): void {
  if (status === 'accepted') result.stored += 1
  else if (status === 'duplicate') result.duplicates += 1
  else if (status === 'rejected') countRejected(result, code ?? 'rejected')
  else throw new Error('A journal could not store what is replayed.')
}

function countRejected({ stillRejected }: ReplayResult, code: string): void {
  stillRejected[code] = (stillRejected[code] ?? 0) + 1
}
