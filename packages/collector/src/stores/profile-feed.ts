import type { Rules } from '@tributary/identity'
import { profileShardOf } from '../core/profile-graph.ts'
import { enterItems, readItem } from '../core/profile-item.ts'

/** Rows of one journal, or lines of the lake, on their way to one shard of profiles. */
export interface FeedRequest {
  /** The shard that is called. */
  shard: number
  /** Name of the journal, and up to which of its rows this goes; absent for what is read from the lake. */
  fed?: { journal: string; through: number }
  /** NDJSON by row. */
  rows: { seq: number; lines: ArrayBuffer }[]
}

/** A row as far as the profiles need it. */
export interface FeedRow {
  seq: number
  events: ArrayBuffer
}

/**
 * The calls that bring rows to the profiles: one for each shard that has any of their records. With one shard nothing is read
 * on the way.
 */
export function feedRequests(
  rows: readonly FeedRow[],
  fed: FeedRequest['fed'],
  shards: number,
  rules: Rules,
): FeedRequest[] {
  const whole = fed === undefined ? {} : { fed }
  const some = rows.filter(({ events }) => events.byteLength > 0)
  if (some.length === 0) return []
  if (shards === 1) {
    return [{ ...whole, shard: 0, rows: some.map(({ seq, events }) => ({ seq, lines: events })) }]
  }
  const requests = new Map<number, FeedRequest>()
  for (const { seq, events } of some) {
    for (const [shard, lines] of linesByShard(events, shards, rules)) {
      const request = requests.get(shard) ?? { ...whole, shard, rows: [] }
      requests.set(shard, request)
      request.rows.push({
        seq,
        lines: new TextEncoder().encode(lines.join('\n')).buffer as ArrayBuffer,
      })
    }
  }
  return [...requests.values()]
}

function linesByShard(events: ArrayBuffer, shards: number, rules: Rules): Map<number, string[]> {
  const byShard = new Map<number, string[]>()
  const items = linesOf(events).flatMap((line) => readItem(line, rules) ?? [])
  for (const message of enterItems(items)) {
    if (message.kind !== 'add') continue
    const shard = profileShardOf(message.to, shards)
    const lines = byShard.get(shard)
    if (lines) lines.push(...message.items.map(({ line }) => line))
    else
      byShard.set(
        shard,
        message.items.map(({ line }) => line),
      )
  }
  return byShard
}

/** The lines of NDJSON. */
export function linesOf(ndjson: ArrayBuffer): string[] {
  return new TextDecoder().decode(ndjson).split('\n').filter(Boolean)
}
