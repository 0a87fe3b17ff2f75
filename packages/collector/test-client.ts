import { createExecutionContext, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import type { CollectorEnv } from './src/env.ts'
import collector from './test-worker.ts'

/** What tests in workerd send and read with, over the Worker's own `fetch`. */
export const HOST = 'https://collector.example'
export const ADMIN = { authorization: 'Bearer at_test_token' }
export const PAGE = { origin: 'https://shop.example' }

export const bindings: CollectorEnv = env as unknown as CollectorEnv

/**
 * The Worker, called in the test's own context: by way of the pool (`SELF`, `exports`) each request takes longer than the
 * one before it, after some hundred of them a third of a second.
 */
export const worker: Pick<Fetcher, 'fetch'> = {
  async fetch(input: RequestInfo | URL, init?: RequestInit) {
    const request = new Request(input, init) as Request<unknown, IncomingRequestCfProperties>
    return collector.fetch(request, bindings, createExecutionContext())
  },
}

/** Takes away everything that a test has stored. */
export async function forgetAll(): Promise<void> {
  await reset()
  for (const { key } of (await bindings.LAKE.list()).objects) await bindings.LAKE.delete(key)
}

export function post(
  path: string,
  body: BodyInit,
  headers: Record<string, string> = {},
): Promise<Response> {
  return worker.fetch(`${HOST}${path}`, { method: 'POST', body, headers })
}

export function get(path: string, headers: Record<string, string> = ADMIN): Promise<Response> {
  return worker.fetch(`${HOST}${path}`, { headers })
}

// biome-ignore lint/suspicious/noExplicitAny: tests read answers as a client would, untyped
export async function json(response: Response | Promise<Response>): Promise<any> {
  return (await response).json()
}

/** A batch that asks for verdicts. */
export function batch(writeKey: string, events: unknown[], more: object = {}): string {
  return JSON.stringify({ writeKey, verdicts: true, batch: events, ...more })
}

export function track(messageId: string, more: object = {}) {
  return { type: 'track', event: 'Tested', anonymousId: 'a1', messageId, ...more }
}

// biome-ignore lint/suspicious/noExplicitAny: as `json`
export async function storedEvents(query = ''): Promise<any[]> {
  return (await json(get(`/api/events?limit=1000${query}`))).events
}

// biome-ignore lint/suspicious/noExplicitAny: as `json`
export async function quarantined(query = ''): Promise<any[]> {
  return (await json(get(`/api/quarantine?limit=1000${query}`))).quarantine
}

/** Sends to a source of three requests a minute until it is refused; the first minute may end meanwhile. */
export async function untilLimited(send: () => Promise<Response>): Promise<Response[]> {
  const answers = [await send()]
  while (answers.at(-1)?.status === 200 && answers.length < 8) answers.push(await send())
  return answers
}

/** The lines of the export, as they are in the lake. */
export async function exportedLines(): Promise<string[]> {
  const text = await (await get('/api/events/export')).text()
  return text.split('\n').filter((line) => line !== '')
}

export async function compressed(
  text: string,
  format: 'gzip' | 'deflate' | 'deflate-raw',
): Promise<Uint8Array> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream(format))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}
