import type { BatchEnvelope, HttpAnswer, PreviousStream } from '@tributary/protocol'
import type { World } from './world.ts'

/** A model of the collector: it stores each event once, by its `messageId`. */
export interface Collector {
  /** Answers a request that has arrived. */
  answer(body: string, fate: Fate): HttpAnswer
  stored: Set<string>
  /** In quarantine. */
  rejected: Set<string>
  /** Turned away for good with their request. */
  refused: Set<string>
  /** Too large for a request, alone. */
  tooLarge: Set<string>
  /** How far streams have come, as the envelopes told. */
  told: Map<string, number>
  /** The `messageId` of an event that has arrived, by its number. */
  ids: Map<number, string>
  /** What was stored, as JSON. */
  contents: Map<string, string>
  /** Poison is poison no more. */
  isHealed: boolean
}

/** What the collector, or what stands in its place, makes of a request. */
export type Fate =
  | 'accepts'
  | 'accepts some'
  | 'fails'
  | 'stores and fails'
  | 'throttles'
  | 'portal'
  | 'refuses'

type Arrived = {
  messageId: string
  properties: { number: number; poison?: string }
}

const RETRY_AFTER_SECONDS = [1, 5, 30, 600, 100_000]

export function createCollector(world: World): Collector {
  const collector: Collector = {
    stored: new Set(),
    rejected: new Set(),
    refused: new Set(),
    tooLarge: new Set(),
    told: new Map(),
    ids: new Map(),
    contents: new Map(),
    isHealed: false,
    answer(body, fate) {
      if (fate === 'portal') return { status: 200 }
      if (fate === 'throttles') return throttle(world)
      if (fate === 'fails') return { status: world.random.network.pick([500, 502, 503, 504, 404]) }
      const { batch, previousStreams = [] } = JSON.parse(body) as BatchEnvelope<Arrived>
      for (const event of batch) recognise(world, event)
      if (fate === 'refuses') return refuse(collector, batch)
      const no = complain(world, body, batch)
      if (no) return no
      noteStreams(world, previousStreams)
      const answer = verdicts(world, batch, fate !== 'accepts some')
      return fate === 'stores and fails' ? { status: 502 } : answer
    },
  }
  return collector
}

function throttle(world: World): HttpAnswer {
  const random = world.random.network
  const seconds = random.pick(RETRY_AFTER_SECONDS)
  const date = new Date(world.now() + seconds * 1000).toUTCString()
  return { status: random.pick([429, 503]), retryAfter: random.pick([`${seconds}`, date, null]) }
}

/** An event keeps its id for ever. */
function recognise({ collector, fail }: World, { messageId, properties }: Arrived): void {
  const known = collector.ids.get(properties.number) ?? messageId
  if (messageId !== known) fail(`${properties.number} is sent under two ids`)
  collector.ids.set(properties.number, messageId)
}

function refuse({ refused }: Collector, batch: Arrived[]): HttpAnswer {
  for (const { messageId } of batch) refused.add(messageId)
  return { status: 401, body: { success: false, code: 'unknown_write_key' } }
}

/** What this collector says of requests that it cannot take as they are. */
function complain(world: World, body: string, batch: Arrived[]): HttpAnswer | undefined {
  const { collector, scenario } = world
  const poisons = batch.map((event) => poisonOf(collector, event))
  const alone = batch.length === 1 ? batch[0] : undefined
  if (body.length > scenario.maxBodyLength) {
    if (alone) collector.tooLarge.add(alone.messageId)
    return { status: 413 }
  }
  if (poisons.includes('invalid_json')) {
    if (alone) collector.refused.add(alone.messageId)
    return { status: 400, body: { success: false, code: 'invalid_json' } }
  }
  return poisons.includes('error') ? { status: 500 } : undefined
}

function noteStreams(world: World, streams: PreviousStream[]): void {
  const { told } = world.collector
  for (const { stream, lastSeq } of streams) {
    world.trace(`collector is told that ${stream} went to ${lastSeq}`)
    told.set(stream, Math.max(lastSeq, told.get(stream) ?? -1))
  }
}

function poisonOf({ isHealed }: Collector, { properties }: Arrived): string | undefined {
  return isHealed ? undefined : properties.poison
}

function verdicts(world: World, batch: Arrived[], isWhole: boolean): HttpAnswer {
  const random = world.random.network
  const results: Record<string, object> = {}
  for (const event of batch) {
    const poison = poisonOf(world.collector, event)
    const luck = isWhole ? 'taken' : random.pick(['taken', 'taken', 'retry', 'absent', 'unsaid'])
    const fate = poison === 'retry' || poison === 'absent' ? poison : luck
    if (fate === 'retry') results[event.messageId] = { status: 'retry' }
    if (fate === 'taken') results[event.messageId] = take(world, event)
    if (fate === 'unsaid') take(world, event)
  }
  return { status: 200, body: { success: true, ok: true, results } }
}

/** Stores an event, unless it is there or must not be. */
function take({ collector, fail }: World, event: Arrived): { status: string; code?: string } {
  const { stored, rejected, contents } = collector
  const { messageId } = event
  if (rejected.has(messageId) || poisonOf(collector, event) === 'rejected') {
    rejected.add(messageId)
    return { status: 'rejected', code: 'poison' }
  }
  const content = JSON.stringify(event)
  if (content !== (contents.get(messageId) ?? content)) fail(`${messageId} has another content`)
  contents.set(messageId, content)
  const status = stored.has(messageId) ? 'duplicate' : 'accepted'
  stored.add(messageId)
  return { status }
}
