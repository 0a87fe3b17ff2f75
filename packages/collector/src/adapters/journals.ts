import { shardOf } from '../core/shard.ts'
import type { CollectorEnv } from '../env.ts'
import type { AppendOutcome, AppendRequest, JournalItem } from '../stores/append.ts'
import type { Journal } from '../stores/journal.ts'

/** A record on its way to the journal, and what decides its shard. */
export interface RoutedItem extends JournalItem {
  shardKey: string
}

/** What became of an item; `unavailable`: its shard could not keep it now. */
export type RouteOutcome = AppendOutcome | 'unavailable'

/** The journal of every shard, in order. */
export function allJournals(env: CollectorEnv, shards: number): DurableObjectStub<Journal>[] {
  return Array.from({ length: shards }, (_, shard) => journalOf(env, shard))
}

function journalOf(env: CollectorEnv, shard: number): DurableObjectStub<Journal> {
  return env.JOURNAL.getByName(`journal-${shard}`)
}

/**
 * Appends each item to the journal of its shard, all shards at once.
 *
 * @returns Outcomes in the order of the items. Never throws: what cannot be kept is `unavailable`.
 */
export async function appendToJournals(
  env: CollectorEnv,
  shards: number,
  facts: Pick<AppendRequest, 'source' | 'receivedAt' | 'requests'>,
  items: readonly RoutedItem[],
): Promise<RouteOutcome[]> {
  const outcomes = new Array<RouteOutcome>(items.length).fill('unavailable')
  const indexesByShard = new Map<number, number[]>()
  for (const [index, item] of items.entries()) {
    const shard = shardOf(item.shardKey, shards)
    const indexes = indexesByShard.get(shard)
    if (indexes) indexes.push(index)
    else indexesByShard.set(shard, [index])
  }
  await Promise.all(
    [...indexesByShard].map(async ([shard, indexes], call) => {
      const answer = await append(env, {
        ...facts,
        shard,
        requests: call === 0 ? facts.requests : 0,
        items: indexes.map((index) => toJournalItem(items[index] as RoutedItem)),
      })
      for (const [position, index] of indexes.entries()) {
        outcomes[index] = answer?.[position] ?? 'unavailable'
      }
    }),
  )
  return outcomes
}

function toJournalItem({ shardKey: _, ...item }: RoutedItem): JournalItem {
  return item
}

/** Tries a second time, with a new stub, only where the platform says that it may help (Durable Objects, "Error handling"). */
async function append(
  env: CollectorEnv,
  request: AppendRequest,
): Promise<AppendOutcome[] | undefined> {
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
