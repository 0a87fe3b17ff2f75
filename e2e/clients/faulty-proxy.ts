import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  request as openRequest,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * What the proxy does to POST requests:
 * - `slow`: holds every answer back for a while.
 * - `unavailable`: answers 503 itself for a while from the first one on.
 * - `rate-limited`: answers 429 itself, until the `Retry-After` of the first one is over.
 * - `answer-lost`: cuts the connection of the first one when the collector has answered, and so has stored it.
 */
export type Fault = 'slow' | 'unavailable' | 'rate-limited' | 'answer-lost'

/** A request that sent events. */
export interface SeenRequest {
  path: string
  /** Who answered it: the proxy with a refusal, or the collector; `lost` where the client never saw the collector's answer. */
  answered: 'refused' | 'passed' | 'lost'
  /** Status that was answered, by whomever. */
  status: number
}

/** A proxy in front of a collector. */
export interface FaultyProxy {
  url: string
  /** What was answered so far, in that order; preflights, settings and the clients' own metrics aside. */
  seen: SeenRequest[]
  /** The client has all its events now. Until then requests are refused, so that it does not matter how fast the machine is. */
  allMade(): void
  close(): void
}

/** Shorter than the shortest first pause of the clients that double theirs, so that tests need not wait for the second. */
const OUTAGE_MS = 900
const RETRY_AFTER_SECONDS = { 429: 2, 503: 1 } as const

const METRICS = ['/v1/m', '/rsaMetrics']

/**
 * Starts a proxy that passes everything on unchanged but for its fault, over real HTTP.
 *
 * @param slowMs How long `slow` holds an answer back.
 */
export async function startFaultyProxy(
  target: string,
  fault: Fault,
  slowMs = 1000,
): Promise<FaultyProxy> {
  const seen: SeenRequest[] = []
  const refusal = refusalOf(fault)
  let refuseUntilMs: number | undefined
  let areAllMade = false
  let isToLose = fault === 'answer-lost'

  function isRefused(): boolean {
    if (!refusal) return false
    refuseUntilMs ??= Date.now() + refusal.periodMs
    return !areAllMade || Date.now() < refuseUntilMs
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request)
    const path = (request.url as string).split('?', 1)[0] as string
    if (request.method !== 'POST' || METRICS.includes(path)) {
      return send(response, await forward(target, request, body))
    }
    if (refusal && isRefused()) {
      seen.push({ path, answered: 'refused', status: refusal.status })
      return refuse(request, response, refusal.status)
    }
    const isLost = isToLose
    isToLose = false
    const answered = await forward(target, request, body)
    if (fault === 'slow') await sleep(slowMs)
    seen.push({ path, answered: isLost ? 'lost' : 'passed', status: answered.status })
    if (isLost) request.socket.destroy()
    else send(response, answered)
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.destroy(error as Error))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    allMade() {
      areAllMade = true
    },
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function refusalOf(fault: Fault): { status: 429 | 503; periodMs: number } | undefined {
  if (fault === 'unavailable') return { status: 503, periodMs: OUTAGE_MS }
  if (fault === 'rate-limited') return { status: 429, periodMs: RETRY_AFTER_SECONDS[429] * 1000 }
  return undefined
}

/** Refuses as the collector does, a page's request too. */
function refuse({ headers }: IncomingMessage, response: ServerResponse, status: 429 | 503): void {
  const message = 'Refused for the test.'
  response.writeHead(status, {
    'content-type': 'application/json',
    'retry-after': String(RETRY_AFTER_SECONDS[status]),
    connection: 'close',
    ...(headers.origin && {
      'access-control-allow-origin': headers.origin,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'Retry-After',
    }),
  })
  response.end(JSON.stringify({ success: false, code: 'refused', message, error: message }))
}

/** An answer of the collector. */
interface Answer {
  status: number
  /** Names and values by turns. */
  rawHeaders: string[]
  body: Buffer
}

/** Sends a request on as it came: method, path, query, headers (the host among them) and body. */
async function forward(target: string, request: IncomingMessage, body: Buffer): Promise<Answer> {
  const { hostname, port } = new URL(target)
  const upstream = openRequest({
    hostname,
    port,
    method: request.method,
    path: request.url,
    headers: request.rawHeaders as never,
    agent: false,
  })
  upstream.end(body)
  const [response] = (await once(upstream, 'response')) as [IncomingMessage]
  const { statusCode: status = 0, rawHeaders } = response
  return { status, rawHeaders, body: await readAll(response) }
}

/**
 * Closes the connection after each answer: on one that was used before, Chromium by itself sends a request again whose
 * answer was cut off, and it is the client that is looked at here.
 */
function send(response: ServerResponse, { status, rawHeaders, body }: Answer): void {
  response.sendDate = false
  response.shouldKeepAlive = false
  const headers = pairs(rawHeaders).filter(([name]) => !HOP_BY_HOP.test(name))
  response.writeHead(status, headers.flat())
  response.end(body)
}

const HOP_BY_HOP = /^(connection|keep-alive|transfer-encoding|content-length)$/i

function pairs(rawHeaders: string[]): [string, string][] {
  return rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] as string]] : [],
  )
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
