import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EventMaker } from './events.ts'
import type { Entry, Ledger } from './ledger.ts'
import type { Random } from './random.ts'

/** Longest that a collector which is up may take for an answer, however disturbed its lake is. */
const ANSWER_TIMEOUT_MS = 60_000

/** Pauses, so that a run is about faults and not about speed. */
const MAX_PAUSE_MS = 15
const DOWN_PAUSE_MS = 50

/** Acknowledged events that a client remembers for sending them again. */
const REMEMBERED = 2000

/** A client that sends one request after the other. */
export interface Client {
  /** Sends until told to stop, and returns after the last answer. */
  run(isOver: () => boolean): Promise<void>
}

/** What a client sends with. */
export interface ClientOptions {
  url: string
  writeKey: string
  random: Random
  ledger: Ledger
  events: EventMaker
}

/**
 * A client as bad as they come: it sends anew what was not acknowledged and what was, in other batches and another
 * order, the same event twice in one, hangs up in the middle, and reads verdicts only at times.
 */
export function createClient({ url, writeKey, random, ledger, events }: ClientOptions): Client {
  let pending: Entry[] = []
  const settled: Entry[] = []

  function nextBatch(): Entry[] {
    const size = random.whole(1, 51)
    const again = random.happens(0.25) && settled.length > 0 ? random.whole(1, size + 1) : 0
    const repeats = Array.from({ length: again }, () => random.pick(settled))
    const retries = random.shuffle(pending).slice(0, size)
    const fresh = Array.from({ length: Math.max(0, size - again - retries.length) }, events.next)
    const batch = [...repeats, ...retries, ...fresh]
    if (random.happens(0.05)) batch.push(random.pick(batch))
    if (random.happens(0.05) && settled.length > 0) {
      const first = random.pick(settled)
      if (first.fate === 'stored') batch.push(events.conflictWith(first))
    }
    return withoutRivals(random.happens(0.5) ? random.shuffle(batch) : batch)
  }

  function settle(acknowledged: readonly Entry[]): void {
    ledger.acknowledge(acknowledged)
    for (const entry of acknowledged) {
      if (settled.length < REMEMBERED) settled.push(entry)
      else settled[random.whole(0, REMEMBERED)] = entry
    }
  }

  return {
    async run(isOver) {
      while (!isOver()) {
        const batch = nextBatch()
        ledger.markSent(batch)
        const wantsVerdicts = random.happens(0.7)
        const body = JSON.stringify({
          writeKey,
          sentAt: new Date().toISOString(),
          ...(wantsVerdicts && { verdicts: true }),
          batch: batch.map(({ event }) => event),
        })
        const cut = random.happens(0.06)
        const answer = cut
          ? await sendPart(url, body, random)
          : await send(url, body).catch((error: Error) => noAnswer(error, ledger))
        settle(acknowledgedBy(answer, batch, wantsVerdicts, ledger))
        pending = [...new Set([...pending, ...batch])].filter(
          (entry) => entry.acknowledgedAt === undefined,
        )
        await sleep(answer === undefined && !cut ? DOWN_PAUSE_MS : random.whole(0, MAX_PAUSE_MS))
      }
    },
  }
}

/** One id stands for one content in a request, or the answer could not say which of them it means. */
function withoutRivals(batch: readonly Entry[]): Entry[] {
  const byId = new Map<unknown, Entry>()
  return batch.filter((entry) => {
    const first = byId.get(entry.event.messageId) ?? entry
    byId.set(entry.event.messageId, first)
    return first === entry
  })
}

interface Answer {
  status: number
  text: string
}

/** Sends a batch and reads the whole answer. */
export async function send(url: string, body: string): Promise<Answer> {
  const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
  const response = await fetch(`${url}/v1/batch`, { method: 'POST', body, signal })
  return { status: response.status, text: await response.text() }
}

/** A connection that breaks off is what kills are for; an answer that never comes is a fault of the collector. */
function noAnswer(error: Error, ledger: Ledger): undefined {
  if (error.name === 'TimeoutError') ledger.wrongAnswers.push('no answer at all')
}

/** Sends the head of a request and a part of its body, and hangs up; after all of it, without waiting for the answer. */
async function sendPart(url: string, body: string, random: Random): Promise<undefined> {
  const { hostname, port } = new URL(url)
  const bytes = Buffer.from(body)
  const head = `POST /v1/batch HTTP/1.1\r\nhost: ${hostname}\r\ncontent-length: ${bytes.length}\r\n\r\n`
  const end = random.happens(0.5) ? bytes.length : random.whole(0, bytes.length)
  const waitMs = random.whole(0, 20)
  await new Promise<void>((done) => {
    const socket = connect(Number(port), hostname)
    socket.on('error', () => done())
    socket.on('close', () => done())
    socket.write(head)
    socket.write(bytes.subarray(0, end), () => setTimeout(() => socket.destroy(), waitMs))
  })
}

/** What an answer acknowledges. Notes what no collector may answer. */
export function acknowledgedBy(
  answer: Answer | undefined,
  batch: readonly Entry[],
  wantsVerdicts: boolean,
  ledger: Ledger,
): Entry[] {
  if (!answer) return []
  if (answer.status === 503) {
    ledger.refusals += 1
    return []
  }
  if (answer.status !== 200) {
    ledger.wrongAnswers.push(`${answer.status} ${answer.text.slice(0, 200)}`)
    return []
  }
  if (!wantsVerdicts) return [...batch]
  const { results } = JSON.parse(answer.text) as {
    results: Record<string, { status: string; code?: string }>
  }
  return batch.filter(({ event, fate, token, acknowledgedAt }) => {
    const { status, code } = results[event.messageId] ?? {}
    if (status === undefined || status === 'retry') return false
    const isRight =
      fate === 'stored' ? status === 'accepted' || status === 'duplicate' : code === fate
    const isCountedAgain = status === 'accepted' && acknowledgedAt !== undefined
    if (!isRight || isCountedAgain) ledger.wrongAnswers.push(`${token}: ${status} ${code ?? ''}`)
    return isRight
  })
}
