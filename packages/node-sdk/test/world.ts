import type { Platform, PostAnswer } from '../src/platform.ts'

/** What a request of the world carried. */
export interface WorldRequest {
  batch: { messageId: string; userId?: string; context: { delivery: { seq: number } } }[]
}

/** What the collector of a world does with a request; a string is an answer's body with status 200. */
export type Answering = (
  request: WorldRequest,
  nowMs: number,
) => Partial<PostAnswer> | Promise<Partial<PostAnswer>>

/** Verdicts for each event: `accepted`, or as told. */
export function verdicts(
  batch: WorldRequest['batch'],
  of: (messageId: string) => object | undefined = () => ({ status: 'accepted' }),
): Partial<PostAnswer> {
  const results = Object.fromEntries(batch.map(({ messageId }) => [messageId, of(messageId)]))
  return { status: 200, text: JSON.stringify({ success: true, ok: true, results }) }
}

/** A world in which time passes only when told, and each timer and answer comes in its turn. */
export function createWorld(answering: Answering, seed = 1) {
  let nowMs = 1_700_000_000_000
  let ids = 0
  let timers: { atMs: number; run: () => void }[] = []
  let state = seed
  let requests = 0
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
  const platform: Platform = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    random,
    uuid: () => `id-${ids++}`,
    byteLength: (text) => Buffer.byteLength(text),
    fetch: () => Promise.reject(new Error('the world has no fetch')),
    async post({ body }) {
      requests++
      const answer = await answering(JSON.parse(String(body)) as WorldRequest, nowMs)
      return { status: 200, retryAfter: null, text: '', ...answer }
    },
    gzip: () => Promise.reject(new Error('the world does not compress')),
    warn() {},
    setTimer(run, delayMs) {
      const timer = { atMs: nowMs + delayMs, run }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
  }
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  async function pass(ms: number): Promise<void> {
    const untilMs = nowMs + ms
    for (;;) {
      await settle()
      const next = timers.toSorted((a, b) => a.atMs - b.atMs)[0]
      if (!next || next.atMs > untilMs) break
      timers = timers.filter((other) => other !== next)
      nowMs = Math.max(nowMs, next.atMs)
      next.run()
    }
    nowMs = untilMs
  }
  return { platform, random, pass, nowMs: () => nowMs, requestCount: () => requests }
}
