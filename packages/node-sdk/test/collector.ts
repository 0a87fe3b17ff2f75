import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import type { TributaryEvent, Verdict } from '@tributary/protocol'

/** A request as it came over the wire. */
interface Received {
  url: string | undefined
  headers: IncomingHttpHeaders
  body: { sentAt: string; verdicts: boolean; batch: (TributaryEvent & { messageId: string })[] }
  atMs: number
}

export type Respond = (response: ServerResponse, request: Received) => void

/** A real HTTP server that answers the first requests as told, and accepts everything after. */
export async function startCollector(...script: Respond[]) {
  const requests: Received[] = []
  let connections = 0
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const raw = Buffer.concat(chunks)
      const gzipped = request.headers['content-encoding'] === 'gzip'
      const received: Received = {
        url: request.url,
        headers: request.headers,
        body: JSON.parse((gzipped ? gunzipSync(raw) : raw).toString()),
        atMs: performance.now(),
      }
      const respond = script[requests.length] ?? acceptAll
      requests.push(received)
      respond(response, received)
    })
  })
  server.on('connection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    connections: () => connections,
    /** Closes the connections that lie idle, and tells nobody before the next packet. */
    closeIdle: () => server.closeIdleConnections(),
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** Accepts each event of the batch. */
export const acceptAll: Respond = (response, request) =>
  answer(() => ({ status: 'accepted' }))(response, request)

/** Answers 200 with a verdict for each event; `undefined` leaves the event unacknowledged. */
export function answer(
  verdictOf: (event: TributaryEvent, index: number) => Verdict | undefined,
): Respond {
  return (response, { body }) => {
    const results = Object.fromEntries(
      body.batch.map((event, i) => [event.messageId, verdictOf(event, i)]),
    )
    json(200, { success: true, ok: true, results })(response)
  }
}

/** Answers with this status, body and headers. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}) {
  return (response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify(body))
  }
}

/** Ends the connection without an answer. */
export const reset: Respond = (response) => {
  response.socket?.destroy()
}

/** Never answers. */
export const silence: Respond = () => {}

/** Sends the client elsewhere: to itself. */
export function redirect(status: number): Respond {
  return (response) => {
    response.writeHead(status, { location: '/elsewhere' }).end()
  }
}

/** Ends the connection in the middle of the answer. */
export const half: Respond = (response) => {
  response.writeHead(200, { 'content-length': 1000 })
  response.write('{"success":true,"results":{')
  setTimeout(() => response.socket?.destroy(), 10)
}
