import { type Address, type Fact, type Profile, shardOf } from '@tributary/identity'

/** An identifier that a record ties: where it is known by, and its name as far as it is known (a skeleton has none). */
interface Tied {
  address: Address
  key?: string
}

/** A record on its way to its component. */
export interface Item {
  /** As the lake has it, without the line break. */
  line: string
  fact: Fact
  tied: readonly Tied[]
}

/**
 * What shards tell each other (docs/adr/0029). Any message may come late, in any order and more than once; none may be lost
 * for good.
 */
export type GraphMessage =
  /** To the home of `to`: records. `was` are profiles of a component that has moved here, and that are not told of elsewhere. */
  | { kind: 'add'; to: Address; items: readonly Item[]; was?: readonly Profile[] }
  /** To the directory of `to`: this identifier is in the component. */
  | { kind: 'claim'; to: Address; key?: string; component: Address }
  /** To the home of `to`: something is in both components; the larger address moves. */
  | { kind: 'merge'; to: Address; into: Address }

/** Which shard this is, and what it has on disk. */
export interface Graph {
  shard: number
  shards: number
  /** The component that an identifier was last claimed for. */
  componentOf(address: Address): Address | undefined
  /** Where a component has moved. */
  movedTo(component: Address): Address | undefined
}

/** All that follows from some messages, to be written in one transaction, in this order. */
export interface Plan {
  directory: Map<Address, { component: Address; key?: string }>
  /** Components that move within this shard, one after the other. */
  moves: { from: Address; into: Address }[]
  /** Records for components of this shard, as they are after the moves. */
  additions: Map<Address, Item[]>
  /** By component of this shard: profiles that have come with the records. */
  arrived: Map<Address, Profile[]>
  /** Components that leave for another shard, once the records are added. */
  departures: { from: Address; into: Address }[]
  /** For other shards. */
  outgoing: GraphMessage[]
}

/** The shard that an address is of. */
export function profileShardOf(address: Address, shards: number): number {
  return shards === 1 ? 0 : shardOf(address, shards)
}

/**
 * Level 1 of identity on any number of shards: who is connected with whom. Connections only grow; of two components the one
 * with the larger address moves into the other, whoever asked first, so that nothing waits for a lock and nothing goes in
 * circles. Reads only; what it plans is for the caller to write.
 */
export function planMessages(graph: Graph, messages: Iterable<GraphMessage>): Plan {
  const plan: Plan = {
    directory: new Map(),
    moves: [],
    additions: new Map(),
    arrived: new Map(),
    departures: [],
    outgoing: [],
  }
  const step: Step = { graph, plan, moved: new Map(), queue: [...messages] }
  // It grows while it is walked.
  for (const message of step.queue) handle(step, message)
  return plan
}

interface Step {
  graph: Graph
  plan: Plan
  /** Moves of this plan, beside those on disk. */
  moved: Map<Address, Address>
  queue: GraphMessage[]
}

function handle(step: Step, message: GraphMessage): void {
  if (message.kind === 'claim') claim(step, message)
  else if (!isHere(step, message.to)) step.plan.outgoing.push(message)
  else if (message.kind === 'add') add(step, message)
  else merge(step, message)
}

type MessageOf<Kind> = Extract<GraphMessage, { kind: Kind }>

function isHere({ graph }: Step, address: Address): boolean {
  return profileShardOf(address, graph.shards) === graph.shard
}

/** Where a component is now, as far as this shard knows. Each move leads to a smaller address, so this comes to an end. */
function resolve(step: Step, component: Address): Address {
  let at = component
  while (isHere(step, at)) {
    const next = step.moved.get(at) ?? step.graph.movedTo(at)
    if (next === undefined) return at
    at = next
  }
  return at
}

function add(step: Step, { to, items, was }: MessageOf<'add'>): void {
  const { plan } = step
  const component = resolve(step, to)
  if (!isHere(step, component)) {
    plan.outgoing.push({ kind: 'add', to: component, items, ...(was && { was }) })
    return
  }
  append(plan.additions, component, items)
  if (was) append(plan.arrived, component, was)
  const keys = new Map(items.flatMap(({ tied }) => tied.map(({ address, key }) => [address, key])))
  for (const [address, key] of keys) {
    step.queue.push({ kind: 'claim', to: address, component, ...(key && { key }) })
  }
}

function append<T>(lists: Map<Address, T[]>, address: Address, more: readonly T[]): void {
  const list = lists.get(address)
  if (list) for (const item of more) list.push(item)
  else lists.set(address, [...more])
}

/**
 * Two components that claim one identifier are one. Of an identifier of another shard this one only remembers what it has
 * claimed, so that it asks once.
 */
function claim(step: Step, message: MessageOf<'claim'>): void {
  const { graph, plan } = step
  const { to, component, key } = message
  const known = plan.directory.get(to)?.component ?? graph.componentOf(to)
  const entry = { component, ...(key && { key }) }
  if (known === component) return
  if (known === undefined || !isHere(step, to)) {
    if (known !== undefined && resolve(step, known) === resolve(step, component)) return
    plan.directory.set(to, entry)
    if (!isHere(step, to)) plan.outgoing.push(message)
    return
  }
  const into = unite(step, known, component)
  if (into !== undefined) plan.directory.set(to, { ...entry, component: into })
}

/** @returns The smaller address, unless both are one component as far as is known here. */
function unite(step: Step, a: Address, b: Address): Address | undefined {
  const [one, other] = [resolve(step, a), resolve(step, b)]
  if (one === other) return undefined
  const [into, from] = one < other ? [one, other] : [other, one]
  step.queue.push({ kind: 'merge', to: from, into })
  return into
}

/** A component that moves already takes what it has in common with another one along: then those two are one. */
function merge(step: Step, { to, into }: MessageOf<'merge'>): void {
  const { plan, moved } = step
  const from = resolve(step, to)
  if (from !== to || !isHere(step, from)) {
    unite(step, from, into)
    return
  }
  const target = resolve(step, into)
  if (target === from) return
  if (target > from) {
    unite(step, from, target)
    return
  }
  moved.set(from, target)
  if (!isHere(step, target)) {
    plan.departures.push({ from, into: target })
    return
  }
  plan.moves.push({ from, into: target })
  for (const lists of [plan.additions, plan.arrived] as const) moveList(lists, from, target)
}

function moveList(lists: Map<Address, unknown[]>, from: Address, into: Address): void {
  const list = lists.get(from)
  if (!list) return
  lists.delete(from)
  append(lists, into, list)
}
