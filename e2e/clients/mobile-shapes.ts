import { gzipSync } from 'node:zlib'
import { WRITE_KEY } from '../collector.ts'
import { judgeByStatus, type Made, type Shape } from './shape.ts'

/** What Segment's mobile clients send: a file of events whose last keys are `sentAt` and `writeKey`, closed before the first attempt. */
function mobileFile(made: Made, sentAt: Date, context: object, opening: string): string {
  const [trackId, identifyId] = made.messageIds
  const call = (messageId: string) => ({
    anonymousId: `${made.userId} device`,
    context,
    integrations: {},
    messageId,
    timestamp: made.madeAt.toISOString(),
    userId: made.userId,
  })
  const events = [
    { ...call(trackId), type: 'track', event: made.event, properties: { total: 9.5, name: 'Zoë' } },
    { ...call(identifyId), type: 'identify', traits: { plan: 'pro' } },
  ].map((event) => JSON.stringify(event))
  const end = `],"sentAt":"${sentAt.toISOString()}","writeKey":"${made.writeKey}"}`
  return `${opening}${events.join(opening.startsWith('{ ') ? '\n,' : ',')}${end}`
}

const swift: Shape = {
  name: 'Segment Swift 1.9.4',
  change: '`apiHost`, `cdnHost`, both with `/v1`; it speaks TLS alone',
  settingsRequest: {
    method: 'GET',
    path: `/v1/projects/${WRITE_KEY}/settings`,
    headers: [
      ['Host', ''],
      ['Content-Type', 'application/json; charset=utf-8'],
      ['User-Agent', 'analytics-ios/1.9.4'],
      ['Accept', '*/*'],
      ['Accept-Encoding', 'gzip'],
    ],
  },
  request(made) {
    const context = { library: { name: 'analytics-swift', version: '1.9.4' } }
    return {
      method: 'POST',
      path: '/v1/b',
      headers: [
        ['Host', ''],
        ['Content-Type', 'application/json; charset=utf-8'],
        ['User-Agent', 'analytics-ios/1.9.4'],
        ['Accept', '*/*'],
        ['Accept-Encoding', 'gzip'],
        ['Connection', 'keep-alive'],
      ],
      body: Buffer.from(mobileFile(made, made.firstSentAt, context, '{ "batch": [\n')),
    }
  },
  // Without `httpConfig` it drops a batch on 400 alone, and tries every other refusal for ever.
  judge: ({ status }) => (status < 300 ? 'done' : status === 400 ? 'drop' : 'again'),
  afterBrokenConnection: 'again',
  obeysRetryAfter: true,
}

const kotlin: Shape = {
  name: 'Segment Kotlin 1.24.1',
  change: '`apiHost`, `cdnHost`, both with `/v1`; it speaks TLS alone',
  settingsRequest: {
    method: 'GET',
    path: `/v1/projects/${WRITE_KEY}/settings`,
    headers: [
      ['User-Agent', 'analytics-kotlin/1.24.1'],
      ['Content-Type', 'application/json; charset=utf-8'],
      ['Host', ''],
      ['Connection', 'Keep-Alive'],
      ['Accept-Encoding', 'gzip'],
    ],
  },
  request(made) {
    const context = { library: { name: 'analytics-kotlin', version: '1.24.1' } }
    return {
      method: 'POST',
      path: '/v1/b',
      headers: [
        ['User-Agent', 'analytics-kotlin/1.24.1'],
        ['Content-Type', 'text/plain'],
        ['Content-Encoding', 'gzip'],
        ['Transfer-Encoding', 'chunked'],
        ['Host', ''],
        ['Connection', 'Keep-Alive'],
        ['Accept-Encoding', 'gzip'],
      ],
      body: gzipSync(mobileFile(made, made.firstSentAt, context, '{"batch":[')),
    }
  },
  judge: judgeByStatus,
  afterBrokenConnection: 'again',
  obeysRetryAfter: true,
}

const ios: Shape = {
  name: 'analytics-ios 4.1.8',
  change: '`defaultAPIHost`, with `/v1`',
  request(made, sentAt) {
    const context = { library: { name: 'analytics-ios', version: '4.1.8' } }
    const json = mobileFile(made, sentAt, context, '{"batch":[').replaceAll('/', '\\/')
    return {
      method: 'POST',
      path: '/v1/batch',
      headers: [
        ['Host', ''],
        ['Content-Type', 'application/json'],
        ['Content-Encoding', 'gzip'],
        ['User-Agent', 'analytics-ios/4.1.8'],
        ['Accept', '*/*'],
        ['Accept-Encoding', 'gzip'],
        ['Connection', 'keep-alive'],
      ],
      body: gzipSync(json),
    }
  },
  judge: judgeByStatus,
  afterBrokenConnection: 'again',
  obeysRetryAfter: false,
}

const android: Shape = {
  name: 'analytics-android 4.11.4',
  change: '`defaultApiHost`, with `/v1`; it speaks TLS alone',
  request(made, sentAt) {
    const context = { library: { name: 'analytics-android', version: '4.11.4' } }
    return {
      method: 'POST',
      path: '/v1/import',
      headers: [
        ['Content-Type', 'application/json'],
        ['User-Agent', 'analytics-android/4.11.4'],
        ['Content-Encoding', 'gzip'],
        ['Transfer-Encoding', 'chunked'],
        ['Host', ''],
        ['Connection', 'Keep-Alive'],
        ['Accept-Encoding', 'gzip'],
      ],
      body: gzipSync(mobileFile(made, sentAt, context, '{"batch":[')),
    }
  },
  judge: judgeByStatus,
  afterBrokenConnection: 'again',
  obeysRetryAfter: false,
}

/** Segment's libraries for apps. */
export const MOBILE_SHAPES: readonly Shape[] = [swift, kotlin, ios, android]
