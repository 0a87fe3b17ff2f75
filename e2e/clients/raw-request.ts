import { once } from 'node:events'
import { type IncomingMessage, request as openRequest } from 'node:http'
import { gunzipSync } from 'node:zlib'

/** A request to the last header. */
export interface RawRequest {
  method: 'GET' | 'POST'
  path: string
  /** Names and values as they go on the wire, in this order; `Host` is filled in. `Transfer-Encoding: chunked` sends the body in chunks. */
  headers: readonly (readonly [name: string, value: string])[]
  body?: Buffer
}

/** An answer as a client sees it: inflated where it had asked for gzip. */
export interface RawAnswer {
  status: number
  headers: IncomingMessage['headers']
  text: string
}

/** Sends exactly these headers, on a connection of its own. Rejects when the connection is cut. */
export async function sendRaw(url: string, raw: RawRequest): Promise<RawAnswer> {
  const { hostname, port, host } = new URL(url)
  const isChunked = raw.headers.some(([name]) => name === 'Transfer-Encoding')
  const headers = raw.headers.map(([name, value]) => [name, name === 'Host' ? host : value])
  const { body } = raw
  if (body && !isChunked) headers.push(['Content-Length', String(body.length)])
  const request = openRequest({
    hostname,
    port,
    method: raw.method,
    path: raw.path,
    agent: false,
    // An array keeps Node from adding or reordering any; its types know it as of Node 22 alone.
    headers: headers.flat() as never,
  })
  if (body && isChunked) {
    for (let start = 0; start < body.length; start += CHUNK_BYTES) {
      request.write(body.subarray(start, start + CHUNK_BYTES))
    }
  }
  request.end(isChunked ? undefined : body)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  const isGzip = response.headers['content-encoding'] === 'gzip'
  const text = (isGzip ? gunzipSync(bytes) : bytes).toString('utf8')
  return { status: response.statusCode as number, headers: response.headers, text }
}

const CHUNK_BYTES = 100
