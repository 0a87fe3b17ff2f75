import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Tributary } from '@tributary/node'
import { PEER_PACKAGES } from './peers.mjs'

/**
 * An SDK as this benchmark drives it, set up as its documentation says and otherwise by its own defaults.
 *
 * @typedef {object} Client
 * @property {(event: string, properties: object) => unknown} track
 * @property {() => Promise<unknown>} flush Sends what is queued.
 * @property {() => Promise<unknown>} close What its documentation calls before a process ends.
 *
 * @typedef {object} Setup
 * @property {string} endpoint
 * @property {string} folder Of the client's own; the same when it is started again.
 */

const WRITE_KEY = 'wk_bench'
const CLOSE_MS = 10_000

const peer = createRequire(join(PEER_PACKAGES.folder, 'index.js'))

/** @type {Record<string, (setup: Setup) => Client | Promise<Client>>} */
export const ADAPTERS = {
  baseline,
  tributary: ({ endpoint }) => ours({ endpoint }),
  'tributary-disk': ({ endpoint, folder }) => ours({ endpoint, queue: { directory: folder } }),
  segment,
  rudderstack,
  posthog,
  snowplow,
  amplitude,
  jitsu,
}

function ours(options) {
  const client = new Tributary({ writeKey: WRITE_KEY, drainOnExit: true, ...options })
  return {
    track: (event, properties) => client.track({ userId: 'u1', event, properties }),
    flush: () => client.flush(),
    close: () => client.closeAndFlush({ timeout: CLOSE_MS }),
  }
}

/** Ready batches over one connection, one at a time, never again: the least that the work costs, and no product. */
function baseline({ endpoint }) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const waiting = []
  let running
  const post = (batch) =>
    new Promise((resolve) => {
      const body = JSON.stringify({ batch })
      const headers = { 'content-type': 'application/json', 'content-length': body.length }
      const sent = request(`${endpoint}/v1/batch`, { method: 'POST', agent, headers }, (answer) => {
        answer.resume().on('end', resolve)
      })
      sent.on('error', resolve)
      sent.end(body)
    })
  async function send() {
    while (waiting.length > 0) await post(waiting.splice(0, 100))
    running = undefined
  }
  async function flush() {
    running ??= send()
    await running
  }
  return {
    track(event, properties) {
      const [messageId, timestamp] = [randomUUID(), new Date().toISOString()]
      waiting.push({ messageId, type: 'track', event, userId: 'u1', properties, timestamp })
      if (waiting.length === 100) void flush()
    },
    flush,
    close: flush,
  }
}

function segment({ endpoint }) {
  const { Analytics } = peer('@segment/analytics-node')
  const client = new Analytics({ writeKey: WRITE_KEY, host: endpoint, path: '/v1/batch' })
  client.on('error', () => {})
  return {
    track: (event, properties) => client.track({ userId: 'u1', event, properties }),
    flush: () => client.flush(),
    close: () => client.closeAndFlush({ timeout: CLOSE_MS }),
  }
}

function rudderstack({ endpoint }) {
  const Analytics = peer('@rudderstack/rudder-sdk-node')
  const client = new Analytics(WRITE_KEY, { dataPlaneUrl: endpoint, errorHandler: () => {} })
  client.logger = { error() {}, warn() {}, info() {}, debug() {}, silly() {} }
  // Its flush sends one batch.
  async function flush() {
    while (client.queue.length > 0 || client.pendingFlush) {
      const before = client.queue.length
      await client.flush().catch(() => {})
      if (before === 0) return
    }
  }
  return {
    track: (event, properties) => client.track({ userId: 'u1', event, properties }),
    flush,
    close: flush,
  }
}

function posthog({ endpoint }) {
  const { PostHog } = peer('posthog-node')
  const client = new PostHog(WRITE_KEY, { host: endpoint })
  client.on('error', () => {})
  return {
    track: (event, properties) => client.capture({ distinctId: 'u1', event, properties }),
    flush: () => client.flush(),
    close: () => client.shutdown(CLOSE_MS),
  }
}

function snowplow({ endpoint }) {
  const { newTracker, buildSelfDescribingEvent } = peer('@snowplow/node-tracker')
  const { hostname, port } = new URL(endpoint)
  const tracker = newTracker(
    { namespace: 'bench', appId: 'bench', encodeBase64: false },
    { endpoint: hostname, protocol: 'http', port: Number(port) },
  )
  return {
    track(event, data) {
      const schema = `iglu:com.example/${event}/jsonschema/1-0-0`
      return tracker.track(buildSelfDescribingEvent({ event: { schema, data } }))
    },
    flush: () => tracker.flush(),
    close: () => tracker.flush(),
  }
}

async function amplitude({ endpoint }) {
  const client = peer('@amplitude/analytics-node').createInstance()
  await client.init(WRITE_KEY, { serverUrl: `${endpoint}/2/httpapi`, logLevel: 0 }).promise
  const flush = () => client.flush().promise
  return {
    track: (event, properties) => client.track(event, properties, { user_id: 'user-1' }),
    flush,
    close: flush,
  }
}

function jitsu({ endpoint }) {
  const client = peer('@jitsu/js').jitsuAnalytics({
    host: endpoint,
    writeKey: `${WRITE_KEY}:secret`,
    s2s: true,
    errorPolicy: () => {},
  })
  const underWay = new Set()
  const flush = () => Promise.all(underWay)
  return {
    track(event, properties) {
      const sent = Promise.resolve(client.track(event, properties))
        .catch(() => {})
        .finally(() => underWay.delete(sent))
      underWay.add(sent)
    },
    flush,
    close: flush,
  }
}
