import type { PreviousStream } from '@tributary/protocol'
import { shardOf } from '../core/shard.ts'
import type { CollectorEnv } from '../env.ts'
import { MAX_APPEND_LENGTH } from '../limits.ts'
import {
  APPEND_OUTCOMES,
  type AppendOutcome,
  type AppendRequest,
  type JournalItem,
  packRequest,
} from '../stores/append.ts'
import { journalOf } from './journal-stubs.ts'

/** A record on its way to the journal, and what decides its shard. */
export interface RoutedItem extends JournalItem {
  shardKey: string
}

/** What a request says of all its records. */
export interface AppendFacts {
  source: string
  /** Milliseconds since 1970. */
  receivedAt: number
  /** Requests to count for it: 1, and 0 where it is not the first append of its request. */
  requests: number
  endedStreams: readonly PreviousStream[]
}

/** What became of an item; `unavailable`: its shard could not keep it now. */
export type RouteOutcome = AppendOutcome | 'unavailable'

/**
 * Appends each item to the journal of its shard, all shards at once.
 *
 * @returns Outcomes in the order of the items. Never throws: what cannot be kept is `unavailable`.
 */
export async function appendToJournals(
  env: CollectorEnv,
  shards: number,
  facts: AppendFacts,
  items: readonly RoutedItem[],
): Promise<RouteOutcome[]> {
  const outcomes = new Array<RouteOutcome>(items.length).fill('unavailable')
  const again = { ...facts, requests: 0, endedStreams: [] }
  const calls = [...groupByShard(items, shards)].map(async ([shard, indexes], call) => {
    // One after the other, so that a person's events keep their order; what comes after one that fails is not tried.
    for (const [part, some] of inParts(indexes, items).entries()) {
      const isFirst = call === 0 && part === 0
      const request = packRequest(
        { ...(isFirst ? facts : again), shard },
        some.map((index) => items[index] as RoutedItem),
      )
      const answer = await append(env, request)
      if (!answer) return
      for (const [position, index] of some.entries()) {
        outcomes[index] = APPEND_OUTCOMES[answer[position] as number] ?? 'unavailable'
      }
    }
  })
  await Promise.all(calls)
  return outcomes
}

/** Items of one shard in parts that a call has room for: normalised, a batch may be several times what was sent. */
function inParts(indexes: readonly number[], items: readonly RoutedItem[]): number[][] {
  const parts: number[][] = [[]]
  let length = 0
  for (const index of indexes) {
    const { line } = items[index] as RoutedItem
    if (length > 0 && length + line.length > MAX_APPEND_LENGTH) {
      parts.push([])
      length = 0
    }
    parts.at(-1)?.push(index)
    length += line.length
  }
  return parts
}

/** Indexes of the items by shard, refused ones after the others: as `packRequest` wants them. */
function groupByShard(items: readonly RoutedItem[], shards: number): Map<number, number[]> {
  const groups = new Map<number, number[]>()
  for (const isRefused of [false, true]) {
    for (const [index, { shardKey, quarantineCode }] of items.entries()) {
      if ((quarantineCode !== undefined) !== isRefused) continue
      const shard = shardOf(shardKey, shards)
      const group = groups.get(shard)
      if (group) group.push(index)
      else groups.set(shard, [index])
    }
  }
  return groups
}

/** Tries a second time, with a new stub, only where the platform says that it may help (Durable Objects, "Error handling"). */
async function append(env: CollectorEnv, request: AppendRequest): Promise<Uint8Array | undefined> {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const answer = await journalOf(env, request.shard).append(request)
      return answer.ok ? answer.outcomes : undefined
    } catch (error) {
      const { retryable, overloaded } = error as { retryable?: boolean; overloaded?: boolean }
      if (!retryable || overloaded) return undefined
    }
  }
  return undefined
}
