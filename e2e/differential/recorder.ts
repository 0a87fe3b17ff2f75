import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { SEGMENT_BUNDLE } from '../clients/browser-clients.ts'
import { type Event, ROOT, WRITE_KEY } from '../collector.ts'

const BUNDLES = join(ROOT, 'packages/browser-sdk/dist')

/** A page for two SDKs, and what each of them has put on the wire. */
export interface Recorder {
  url: string
  /** Events as Segment's SDK sent them, one request each. */
  segment: Event[]
  /** Events as ours sent them, without their envelope. */
  tributary: Event[]
  close(): void
}

/** Serves a page at every address, with the title and, below `/canonical/`, the canonical link that both are to read. */
export async function startRecorder(): Promise<Recorder> {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const answer = (type: string, body: string | Buffer): void => {
      response.setHeader('content-type', type)
      response.end(body)
    }
    if (pathname === '/segment.js') answer('text/javascript', readFileSync(SEGMENT_BUNDLE))
    else if (/^\/tributary[\w.-]*\.js$/.test(pathname))
      answer('text/javascript', readFileSync(join(BUNDLES, pathname)))
    else if (pathname === '/empty') answer('text/html', '<!doctype html>')
    else if (pathname.endsWith('/settings')) answer('application/json', settings(recorder.url))
    else if (request.method === 'POST') answer('application/json', await record(recorder, request))
    else answer('text/html', pageAt(pathname))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const recorder: Recorder = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    segment: [],
    tributary: [],
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
  return recorder
}

function settings(url: string): string {
  const segment = { apiKey: WRITE_KEY, apiHost: `${new URL(url).host}/v1`, protocol: 'http' }
  return JSON.stringify({ integrations: { 'Segment.io': segment } })
}

function pageAt(pathname: string): string {
  const canonical = pathname.startsWith('/canonical/')
    ? '<link rel="canonical" href="https://shop.example/cart">'
    : ''
  return `<!doctype html><title>Cart</title>${canonical}
    <script src="/segment.js"></script>
    <script async src="/tributary.js" data-write-key="${WRITE_KEY}"></script>`
}

async function record(recorder: Recorder, request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  const body = JSON.parse(text) as Event
  if (!Array.isArray(body.batch)) {
    recorder.segment.push(body)
    return '{"success":true}'
  }
  recorder.tributary.push(...body.batch)
  const verdicts = body.batch.map(({ messageId }: Event) => [messageId, { status: 'accepted' }])
  return JSON.stringify({ success: true, ok: true, results: Object.fromEntries(verdicts) })
}
