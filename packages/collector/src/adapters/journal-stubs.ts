import type { CollectorEnv } from '../env.ts'
import type { Journal } from '../stores/journal.ts'

/** The journal of one shard. */
export function journalOf(env: CollectorEnv, shard: number): DurableObjectStub<Journal> {
  return env.JOURNAL.getByName(`journal-${shard}`)
}

/** The journal of every shard, in order. */
export function allJournals(env: CollectorEnv, shards: number): DurableObjectStub<Journal>[] {
  return Array.from({ length: shards }, (_, shard) => journalOf(env, shard))
}
