import type { JsonObject } from '@tributary/protocol'
import { type Address, addressOf } from './address.ts'
import { type Answer, makeAnswer } from './build-profiles.ts'
import type { ProfileChange } from './changes.ts'
import { type Component, emptyComponent, settleComponent, takeFact } from './component.ts'
import type { Rules } from './configuration.ts'
import { type Fact, identifiersTiedBy, readRecord } from './facts.ts'
import { profileIdOf } from './profile-id.ts'

/** One of any number of shards. It holds a directory of some identifiers, and is the home of some components. */
export interface Shard {
  /** Which component each identifier of this shard is in, as far as is known. */
  directory: Map<Address, Address>
  /** Components by their own address, the smallest that they knew when they began. */
  homes: Map<Address, Home>
}

/** A component at its home. */
export interface Home {
  component: Component
  members: Set<Address>
  /** Set once: where its records are now, or are on their way to. Always a smaller address, so that there are no circles. */
  movedTo?: Address
}

/** What shards tell each other. Any message may come late, out of order and more than once; none may be lost for good. */
export type ShardMessage =
  /** To the home of `to`: records and their identifiers; `from` is the component that moves with them. */
  | {
      kind: 'add'
      to: Address
      facts: readonly Fact[]
      members: readonly Address[]
      from?: Address
    }
  /** To the directory of `to`: this identifier is in the component. */
  | { kind: 'claim'; to: Address; component: Address }
  /** To the home of `to`: an identifier is in both components, so move to `into`. */
  | { kind: 'merge'; to: Address; into: Address }
  /** To the home of `to`: what moved is safe elsewhere, and can go. */
  | { kind: 'moved'; to: Address }

export function emptyShard(): Shard {
  return { directory: new Map(), homes: new Map() }
}

/** The shard of an address. By its last digits: the first decide the order. */
export function shardOf(address: Address, shards: number): number {
  return Number.parseInt(address.slice(-8), 16) % shards
}

/**
 * The message with which a record enters.
 *
 * A messageId is tied like an identifier: two copies of one record may name different people, and one of them counts (R1).
 *
 * @param arrival How many records were read before it; counts only where it has no time at all (R2).
 */
export function enterRecord(record: JsonObject, arrival: number, rules: Rules): ShardMessage {
  const fact = readRecord(record, arrival, rules)
  const identifiers = identifiersTiedBy(fact).map(addressOf).sort()
  const members = [...new Set(identifiers), profileIdOf({ key: `$message:${fact.messageId}` })]
  return { kind: 'add', to: members[0] as Address, facts: [fact], members }
}

/**
 * Handles a message: one transaction of the shard that it is for. What it returns is to be kept with the shard's state until
 * each message was handled, and may then be sent again any number of times.
 *
 * @param shard Changed in place.
 */
export function handleMessage(shard: Shard, message: ShardMessage): ShardMessage[] {
  switch (message.kind) {
    case 'add':
      return add(shard, message)
    case 'claim':
      return claim(shard, message)
    case 'merge':
      return merge(shard, message)
    case 'moved':
      return forget(shard, message)
  }
}

type MessageOf<Kind> = Extract<ShardMessage, { kind: Kind }>

function add(shard: Shard, message: MessageOf<'add'>): ShardMessage[] {
  const { to, facts, members, from } = message
  const home = shard.homes.get(to) ?? { component: emptyComponent(), members: new Set() }
  if (home.movedTo !== undefined) return [{ ...message, to: home.movedTo }]
  shard.homes.set(to, home)
  for (const fact of facts) takeFact(home.component, fact)
  const unclaimed = members.filter((member) => !home.members.has(member))
  for (const member of unclaimed) home.members.add(member)
  const claims = unclaimed.map((member): ShardMessage => {
    return { kind: 'claim', to: member, component: to }
  })
  // Only now, with this in one transaction: a record is in one place at least at any time.
  return from === undefined ? claims : [...claims, { kind: 'moved', to: from }]
}

/** Two components that claim one identifier are one; the smaller address takes in the other, whoever asked first. */
function claim(shard: Shard, { to, component }: MessageOf<'claim'>): ShardMessage[] {
  const known = shard.directory.get(to)
  if (known === component) return []
  if (known === undefined) {
    shard.directory.set(to, component)
    return []
  }
  const [into, from] = known < component ? [known, component] : [component, known]
  shard.directory.set(to, into)
  return [{ kind: 'merge', to: from, into }]
}

/**
 * Moves a component. One that moves already needs no second direction: the identifier that is in both goes with it, and is
 * claimed again where it arrives.
 */
function merge(shard: Shard, { to, into }: MessageOf<'merge'>): ShardMessage[] {
  const home = shard.homes.get(to)
  if (!home || home.movedTo !== undefined) return []
  home.movedTo = into
  const facts = [...home.component.facts.values()]
  return [{ kind: 'add', to: into, facts, members: [...home.members], from: to }]
}

function forget(shard: Shard, { to }: MessageOf<'moved'>): ShardMessage[] {
  const home = shard.homes.get(to)
  if (home) {
    home.component = emptyComponent()
    home.members = new Set()
  }
  return []
}

/** Brings every component that lives in a shard up to date, and tells what a follower has to do. */
export function settleShard(shard: Shard, rules: Rules): ProfileChange[] {
  return liveComponents(shard).flatMap((component) => settleComponent(component, rules))
}

/** The whole answer of all shards; equal to that of `buildProfiles` once no message is on its way. */
export function answerOfShards(shards: readonly Shard[], rules: Rules): Answer {
  const settled = shards.flatMap(liveComponents).map((component) => component.settled)
  return makeAnswer(settled, rules)
}

function liveComponents({ homes }: Shard): Component[] {
  return [...homes.values()]
    .filter(({ movedTo }) => movedTo === undefined)
    .map(({ component }) => component)
}
