import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { WRITE_KEY } from '../collector.ts'

/**
 * What becomes of a batch on its way: it comes through, its connection is cut before or (`lost`) after the collector has
 * stored it, its answer is held back, or another answers it.
 */
export type Fate =
  | 'pass'
  | 'cut'
  | 'lost'
  | { heldMs: number }
  | { status: number; headers?: Record<string, string>; body?: string }

/** A site, and all that stands between its pages and the collector: an origin, and so a storage, of a scenario's own. */
export interface Gate {
  /** A page with the script tag; every other path of the origin without a dot is one too. */
  url: string
  /** A page without it. */
  elsewhere: string
  origin: string
  /** Markup before the script tag. */
  head: string
  /** Whether scripts never arrive. */
  withholdsScripts: boolean
  /** The fate of a batch, `pass` by default. */
  fate(body: string): Fate
  /** Batches that have come this far, whatever their fate. */
  batches: number
  /** Ids of the events that the collector has answered for. */
  answered: Set<string>
  /** Whether anything can be reached here: connections are refused otherwise. */
  setReachable(isReachable: boolean): Promise<void>
  close(): Promise<void>
}

/** Longest that a page may take until it tries again. */
const BATCH_MS = 30_000

/** Starts a gate before the collector that is at `collectorUrl()` at the time. */
export async function startGate(collectorUrl: () => string): Promise<Gate> {
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url as string).split('?')[0] as string
    if (path === '/v1/batch') return carry(await readAll(request), response)
    if (gate.withholdsScripts && path.endsWith('.js')) return
    if (path.includes('.')) return forward(await fetch(`${collectorUrl()}${path}`), response)
    response.setHeader('content-type', 'text/html')
    const tag = `<script async src="/tributary.js" data-write-key="${WRITE_KEY}"></script>`
    response.end(
      `<!doctype html><title>Shop</title>${gate.head}${path === '/elsewhere' ? '' : tag}`,
    )
  }

  async function carry(body: string, response: ServerResponse): Promise<void> {
    gate.batches++
    const fate = gate.fate(body)
    if (fate === 'cut') {
      response.destroy()
      return
    }
    if (typeof fate === 'object' && 'status' in fate) {
      response.writeHead(fate.status, fate.headers)
      response.end(fate.body)
      return
    }
    const headers = { 'content-type': 'text/plain' }
    const answer = await fetch(`${collectorUrl()}/v1/batch`, { method: 'POST', headers, body })
    const { batch } = JSON.parse(body) as { batch: { messageId: string }[] }
    for (const { messageId } of batch) gate.answered.add(messageId)
    if (typeof fate === 'object') await sleep(fate.heldMs)
    if (fate === 'lost') response.destroy()
    else await forward(answer, response)
  }

  const gate: Gate = {
    url: `${origin}/`,
    elsewhere: `${origin}/elsewhere`,
    origin,
    head: '',
    withholdsScripts: false,
    fate: () => 'pass',
    batches: 0,
    answered: new Set(),
    async setReachable(isReachable) {
      if (isReachable === server.listening) return
      if (isReachable) {
        server.listen(port, '127.0.0.1')
        await once(server, 'listening')
      } else await gate.close()
    },
    async close() {
      if (!server.listening) return
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
  return gate
}

/** Resolves when so many batches have come to the gate. */
export async function untilBatches(gate: Gate, count: number): Promise<void> {
  const deadline = Date.now() + BATCH_MS
  while (gate.batches < count) {
    if (Date.now() > deadline) throw new Error(`${gate.batches} batches have come, not ${count}.`)
    await sleep(20)
  }
}

async function readAll(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk
  return text
}

/** Hands an answer of the collector on. */
async function forward(answer: Response, response: ServerResponse): Promise<void> {
  for (const name of ['content-type', 'retry-after']) {
    const value = answer.headers.get(name)
    if (value) response.setHeader(name, value)
  }
  response.writeHead(answer.status)
  response.end(await answer.text())
}
