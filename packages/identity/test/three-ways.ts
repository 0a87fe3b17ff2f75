import type { JsonObject } from '@tributary/protocol'
import { addRecords, answerOf, emptyState, type ProfileState } from '../src/add-records.ts'
import type { Answer } from '../src/build-profiles.ts'
import { type IdentityConfig, resolveConfiguration } from '../src/configuration.ts'
import {
  answerOfShards,
  emptyShard,
  enterRecord,
  handleMessage,
  type ShardMessage,
  settleShard,
  shardOf,
} from '../src/shards.ts'

/** Adds records in half a dozen steps or so, of one record at least. */
export function addInSteps(
  records: readonly JsonObject[],
  random: () => number,
  config?: IdentityConfig,
): ProfileState {
  const state = emptyState(config)
  const most = Math.max(2, records.length / 3)
  for (let index = 0; index < records.length; ) {
    const end = index + 1 + Math.floor(random() * most)
    addRecords(state, records.slice(index, end))
    index = end
  }
  return state
}

/** The answer after adding records a few at a time. */
export function incremental(
  records: readonly JsonObject[],
  random: () => number,
  config?: IdentityConfig,
): Answer {
  return answerOf(addInSteps(records, random, config))
}

/**
 * The answer of `count` shards whose messages come in any order; some come again, as after a crash between the work and its
 * acknowledgement, some of the shards settle in between.
 */
export function sharded(
  records: readonly JsonObject[],
  count: number,
  random: () => number,
  config?: IdentityConfig,
): Answer {
  const rules = resolveConfiguration(config)
  const shards = Array.from({ length: count }, emptyShard)
  const onTheirWay = records.map((record, arrival) => enterRecord(record, arrival, rules))
  while (onTheirWay.length > 0) {
    const [message] = onTheirWay.splice(Math.floor(random() * onTheirWay.length), 1) as [
      ShardMessage,
    ]
    const shard = shards[shardOf(message.to, count)] ?? emptyShard()
    onTheirWay.push(...handleMessage(shard, message))
    if (random() < 0.1) onTheirWay.push(message)
    if (random() < 0.03) settleShard(shard, rules)
  }
  for (const shard of shards) settleShard(shard, rules)
  return answerOfShards(shards, rules)
}
