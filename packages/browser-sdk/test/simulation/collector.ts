import type { BatchEnvelope, HttpAnswer } from '@tributary/protocol'
import type { World } from './world.ts'

/** A model of the collector: it stores each event once, by its `messageId`. */
export interface Collector {
  /** Answers a request that has arrived. */
  answer(body: string, fate: Fate): HttpAnswer
  stored: Set<string>
  /** In quarantine, or refused: the SDK may know them as rejected, or as dropped. */
  rejected: Set<string>
  refused: Set<string>
  /** Too large for a request, alone. */
  tooLarge: Set<string>
  /** How far streams have come, as the envelopes told. */
  told: Map<string, number>
  /** The `messageId` of an event that has arrived, by its number. */
  idOf(number: number): string | undefined
  /** Poison is poison no more. */
  heal(): void
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

/** A day that is not today: seconds are the usual form. */
const RETRY_AFTER_SECONDS = [1, 5, 30, 600, 100_000]

export function createCollector(world: World): Collector {
  const contents = new Map<string, string>()
  const stored = new Set<string>()
  const rejected = new Set<string>()
  const refused = new Set<string>()
  const tooLarge = new Set<string>()
  const ids = new Map<number, string>()
  const told = new Map<string, number>()
  let isHealed = false

  const poisonOf = ({ properties }: Arrived): string | undefined =>
    isHealed ? undefined : properties.poison

  function take(event: Arrived): { status: string; code?: string } {
    const { messageId } = event
    if (rejected.has(messageId) || poisonOf(event) === 'rejected') {
      rejected.add(messageId)
      return { status: 'rejected', code: 'poison' }
    }
    const content = JSON.stringify(event)
    if (contents.has(messageId) && contents.get(messageId) !== content) {
      world.fail(`${messageId} was sent with other content`)
    }
    contents.set(messageId, content)
    const status = stored.has(messageId) ? 'duplicate' : 'accepted'
    stored.add(messageId)
    return { status }
  }

  function verdicts(batch: Arrived[], isWhole: boolean): HttpAnswer {
    const random = world.random.network
    const results: Record<string, object> = {}
    for (const event of batch) {
      const poison = poisonOf(event)
      const luck = isWhole ? 'taken' : random.pick(['taken', 'taken', 'retry', 'absent', 'unsaid'])
      if (poison === 'retry' || luck === 'retry') results[event.messageId] = { status: 'retry' }
      else if (poison === 'absent' || luck === 'absent') continue
      else if (luck === 'unsaid') take(event)
      else results[event.messageId] = take(event)
    }
    return { status: 200, body: { success: true, ok: true, results } }
  }

  function throttle(): HttpAnswer {
    const random = world.random.network
    const seconds = random.pick(RETRY_AFTER_SECONDS)
    const date = new Date(world.now() + seconds * 1000).toUTCString()
    return { status: random.pick([429, 503]), retryAfter: random.pick([`${seconds}`, date, null]) }
  }

  /** What this collector says of requests that it cannot take as they are. */
  function refusal(body: string, batch: Arrived[]): HttpAnswer | undefined {
    const isAlone = batch.length === 1
    if (body.length > world.scenario.maxBodyLength) {
      if (isAlone) tooLarge.add((batch[0] as Arrived).messageId)
      return { status: 413 }
    }
    if (batch.some((event) => poisonOf(event) === 'invalid_json')) {
      if (isAlone) refused.add((batch[0] as Arrived).messageId)
      return { status: 400, body: { success: false, code: 'invalid_json' } }
    }
    if (batch.some((event) => poisonOf(event) === 'error')) return { status: 500 }
  }

  return {
    stored,
    rejected,
    refused,
    tooLarge,
    told,
    idOf: (number) => ids.get(number),
    heal() {
      isHealed = true
    },
    answer(body, fate) {
      if (fate === 'portal') return { status: 200 }
      if (fate === 'throttles') return throttle()
      if (fate === 'fails') return { status: world.random.network.pick([500, 502, 503, 504, 404]) }
      const { batch, previousStreams = [] } = JSON.parse(body) as BatchEnvelope<Arrived>
      for (const { messageId, properties } of batch) {
        if (messageId !== (ids.get(properties.number) ?? messageId)) {
          world.fail(`${properties.number} is sent under two ids`)
        }
        ids.set(properties.number, messageId)
      }
      if (fate === 'refuses') {
        for (const { messageId } of batch) refused.add(messageId)
        return { status: 401, body: { success: false, code: 'unknown_write_key' } }
      }
      const no = refusal(body, batch)
      if (no) return no
      for (const { stream, lastSeq } of previousStreams) {
        world.trace(`collector is told that ${stream} went to ${lastSeq}`)
        told.set(stream, Math.max(lastSeq, told.get(stream) ?? -1))
      }
      const answer = verdicts(batch, fate !== 'accepts some')
      return fate === 'stores and fails' ? { status: 502 } : answer
    },
  }
}
