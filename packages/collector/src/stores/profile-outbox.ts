import type { Address, Profile, Rules } from '@tributary/identity'
import { MAX_FRAME_LENGTH } from '../core/frames.ts'
import { type GraphMessage, profileShardOf } from '../core/profile-graph.ts'
import { readItem } from '../core/profile-item.ts'

/** A message as it is sent: records as lines. */
export type SentMessage =
  | { kind: 'add'; to: Address; lines: string[]; was?: Profile[] }
  | Exclude<GraphMessage, { kind: 'add' }>

/** What one row of the outbox holds. */
export interface Parcel {
  messages: SentMessage[]
  /** A component whose records go first; they are deleted here once all of it has arrived. */
  from?: Address
}

/** Messages for other shards as rows of the outbox, those of one shard together. */
export function packOutgoing(
  messages: readonly GraphMessage[],
  shards: number,
): { shard: number; json: string }[] {
  const parcels: { shard: number; json: string }[] = []
  for (const [shard, some] of Map.groupBy(messages, ({ to }) => profileShardOf(to, shards))) {
    let parts: string[] = []
    let length = 0
    const close = () => {
      if (parts.length > 0) parcels.push({ shard, json: `{"messages":[${parts.join(',')}]}` })
      parts = []
      length = 0
    }
    for (const part of some.flatMap(toSent).map((message) => JSON.stringify(message))) {
      if (length + part.length > MAX_FRAME_LENGTH) close()
      parts.push(part)
      length += part.length
    }
    close()
  }
  return parcels
}

function toSent(message: GraphMessage): SentMessage[] {
  if (message.kind !== 'add') return [message]
  const { to, items, was } = message
  const parts: string[][] = [[]]
  let length = 0
  for (const { line } of items) {
    if (length + line.length > MAX_FRAME_LENGTH / 2) {
      parts.push([])
      length = 0
    }
    parts.at(-1)?.push(line)
    length += line.length
  }
  return parts.map((lines, index) => {
    const isLast = index === parts.length - 1
    return { kind: 'add', to, lines, ...(isLast && was && { was: [...was] }) }
  })
}

/** Reads messages as they are sent. */
export function readSent(messages: readonly SentMessage[], rules: Rules): GraphMessage[] {
  return messages.map((message) => {
    if (message.kind !== 'add') return message
    const { lines, ...rest } = message
    return { ...rest, items: lines.flatMap((line) => readItem(line, rules) ?? []) }
  })
}

/** Profiles that one message tells of. */
const PROFILES_PER_MESSAGE = 100

/** What is to be sent of a component that moves, its records apart: those are on disk. */
export function departureParcels(
  from: Address,
  into: Address,
  was: readonly Profile[],
  shards: number,
): { shard: number; json: string }[] {
  const shard = profileShardOf(into, shards)
  const parcels: { shard: number; json: string }[] = []
  for (let at = 0; at === 0 || at < was.length; at += PROFILES_PER_MESSAGE) {
    const some = was.slice(at, at + PROFILES_PER_MESSAGE)
    const parcel: Parcel = { from, messages: [{ kind: 'add', to: into, lines: [], was: some }] }
    parcels.push({ shard, json: JSON.stringify(parcel) })
  }
  return parcels
}
