import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { settingsBody, takenBody } from './answers.mjs'
import { eventsOf, idOf, MARKER } from './wire.mjs'

/**
 * A server that takes the events of every SDK and counts them by their marker. It reads the bodies only when it is
 * asked what has come, so that it costs little while an SDK is timed.
 *
 * @typedef {object} Sink
 * @property {number} port The same over `down` and `up`.
 * @property {() => Promise<void>} down Refuses connections, those that are open included.
 * @property {() => Promise<void>} up
 * @property {(ms: number, status?: number, headers?: Record<string, string>) => void} fail Answers so for a while, 503
 *   by default.
 * @property {() => { requests: number, preflights: number, connections: number, bytes: number }} traffic
 * @property {(tag: string) => { unique: number, duplicates: number, ids: number }} arrived Events of a run: different
 *   ones, copies beyond the first, and different ids among all.
 */

/**
 * @param {{ latencyMs?: number, upstream?: string }} [options] `upstream` is a collector that every batch is passed on
 *   to and whose answer is given; without it each is taken.
 * @returns {Promise<Sink>}
 */
export async function startSink({ latencyMs = 0, upstream } = {}) {
  const state = {
    unread: [],
    seen: new Map(),
    requests: 0,
    preflights: 0,
    connections: 0,
    bytes: 0,
    failure: { until: 0 },
  }
  const sockets = new Set()
  let port = 0
  let server

  async function up() {
    if (server) return
    server = createServer((request, response) => {
      answer(request, state, upstream, port)
        .then(async ({ status, body, headers }) => {
          if (latencyMs) await sleep(latencyMs)
          response.writeHead(status, { ...headersFor(request), ...headers })
          response.end(body)
        })
        // The page or the connection has gone; so has whoever would want an answer.
        .catch(() => response.destroy())
    })
    server.on('connection', (socket) => {
      state.connections++
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket)).on('error', () => {})
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = server.address().port
  }

  async function down() {
    if (!server) return
    const closed = once(server, 'close')
    server.close()
    server = undefined
    for (const socket of sockets) socket.destroy()
    await closed
  }

  await up()
  return {
    port,
    up,
    down,
    fail(ms, status = 503, headers = {}) {
      state.failure = { until: Date.now() + ms, status, headers }
    },
    traffic: () => ({
      requests: state.requests,
      preflights: state.preflights,
      connections: state.connections,
      bytes: state.bytes,
    }),
    arrived(tag) {
      readBodies(state)
      return countEvents(state.seen.get(tag))
    },
  }
}

async function answer(request, state, upstream, port) {
  if (request.method === 'OPTIONS') {
    state.preflights++
    return { status: 204, body: '' }
  }
  if (request.method !== 'POST') {
    const body = settingsBody(request.url, port)
    return { status: body === undefined ? 404 : 200, body }
  }
  const body = Buffer.concat(await request.toArray())
  state.requests++
  state.bytes += body.length
  const { until, status, headers } = state.failure
  if (Date.now() < until) {
    return { status, headers, body: '{"code":503,"error":"fault injected","status":0}' }
  }
  state.unread.push(body)
  if (!upstream) return { status: 200, body: takenBody(request.url, body) }
  const answered = await fetch(`${upstream}${request.url}`, {
    method: 'POST',
    headers: { 'content-type': request.headers['content-type'] ?? 'text/plain' },
    body,
  })
  return { status: answered.status, body: await answered.text() }
}

function headersFor(request) {
  return {
    'content-type': 'application/json',
    'access-control-allow-origin': request.headers.origin ?? '*',
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'GET,POST,PUT,OPTIONS',
    'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '',
    'access-control-allow-private-network': 'true',
    'access-control-max-age': '600',
    'cross-origin-resource-policy': 'cross-origin',
    vary: 'origin',
  }
}

function readBodies({ unread, seen }) {
  for (const event of unread.splice(0).flatMap(eventsOf)) {
    const [marker, tag] = MARKER.exec(JSON.stringify(event)) ?? []
    if (!marker) continue
    if (!seen.has(tag)) seen.set(tag, new Map())
    const copies = seen.get(tag)
    copies.set(marker, [...(copies.get(marker) ?? []), idOf(event)])
  }
}

/** @param {Map<string, unknown[]> | undefined} copies The ids of an event's copies, by its marker. */
function countEvents(copies = new Map()) {
  const all = [...copies.values()]
  return {
    unique: all.length,
    duplicates: all.reduce((sum, ids) => sum + ids.length - 1, 0),
    ids: all.reduce((sum, ids) => sum + new Set(ids).size, 0),
  }
}
