import { gzipSync } from 'node:zlib'
import { basic, judgeByStatus, type Shape } from './shape.ts'

const HOUR_MS = 3_600_000

/** What Python's `isoformat()` makes of a date. */
function pythonDate(date: Date, digits: 3 | 6): string {
  return date.toISOString().replace('Z', `${digits === 6 ? '657' : ''}+00:00`)
}

/** JSON as Python writes it: a space after every comma and colon between values, and nothing beyond ASCII. */
function pythonJson(value: unknown): string {
  const spaced = JSON.stringify(value, null, 1)
    .replace(/\n\s*/g, ' ')
    .replace(/([[{]) /g, '$1')
    .replace(/ ([\]}])/g, '$1')
  return asciiJson(spaced)
}

function asciiJson(json: string): string {
  return json.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function python(encoding: 'plain' | 'gzip'): Shape {
  const isGzip = encoding === 'gzip'
  return {
    name: `Segment Python 2.3.4, ${encoding}`,
    change: '`host`',
    request(made, sentAt) {
      const timestamp = pythonDate(made.madeAt, 3)
      const context = { library: { name: 'analytics-python', version: '2.3.4' } }
      const call = { timestamp, context }
      const [trackId, identifyId] = made.messageIds
      const json = pythonJson({
        batch: [
          {
            integrations: {},
            anonymousId: null,
            properties: { total: 9.5, name: 'Zoë' },
            ...call,
            userId: made.userId,
            type: 'track',
            event: made.event,
            messageId: trackId,
          },
          {
            integrations: {},
            anonymousId: null,
            ...call,
            type: 'identify',
            userId: made.userId,
            traits: { plan: 'pro' },
            messageId: identifyId,
          },
        ],
        sentAt: pythonDate(sentAt, 6),
        writeKey: made.writeKey,
      })
      return {
        method: 'POST',
        path: '/v1/batch',
        headers: [
          ['Host', ''],
          ['User-Agent', 'analytics-python/2.3.4'],
          ['Accept-Encoding', 'gzip, deflate'],
          ['Accept', '*/*'],
          ['Connection', 'keep-alive'],
          ['Content-Type', 'application/json'],
          ...(isGzip ? [['Content-Encoding', 'gzip'] as const] : []),
        ],
        body: isGzip ? gzipSync(json) : Buffer.from(json),
      }
    },
    judge({ status, text }) {
      if (status === 200) return 'done'
      // consumer.py gives up on 4xx, but an error that is JSON without `code` and `message` raises a KeyError instead.
      const error = parseJson(text)
      const isNamed =
        error === undefined ||
        (isObject(error) && error.code !== undefined && error.message !== undefined)
      return isNamed && status >= 400 && status < 500 && status !== 429 ? 'drop' : 'again'
    },
    afterBrokenConnection: 'again',
    obeysRetryAfter: false,
  }
}

const go: Shape = {
  name: 'Segment Go 3.0.0',
  change: '`Endpoint`',
  request(made) {
    const [trackId, identifyId] = made.messageIds
    const nanoseconds = (date: Date) => date.toISOString().replace('Z', '123456+01:00')
    const timestamp = nanoseconds(new Date(made.madeAt.getTime() + HOUR_MS))
    const json = JSON.stringify({
      messageId: made.batchId,
      // The body is made once: a retry sends the old `sentAt`.
      sentAt: nanoseconds(new Date(made.firstSentAt.getTime() + HOUR_MS)),
      batch: [
        {
          type: 'track',
          messageId: trackId,
          userId: made.userId,
          event: made.event,
          timestamp,
          properties: { name: 'Zoë', total: 9.5 },
        },
        {
          type: 'identify',
          messageId: identifyId,
          userId: made.userId,
          timestamp,
          traits: { plan: 'pro' },
        },
      ],
      context: null,
    })
    return {
      method: 'POST',
      path: '/v1/batch',
      headers: [
        ['Host', ''],
        ['User-Agent', 'analytics-go (version: 3.0.0)'],
        ['Authorization', basic(made)],
        ['Content-Type', 'application/json'],
        ['Accept-Encoding', 'gzip'],
      ],
      body: Buffer.from(json),
    }
  },
  // It gives up after ten attempts and not before, whatever the refusal.
  judge: ({ status }) => (status < 300 ? 'done' : 'again'),
  afterBrokenConnection: 'again',
  obeysRetryAfter: false,
}

const ruby: Shape = {
  name: 'Segment Ruby 2.5.0',
  change: '`host`, `port`; it speaks TLS alone',
  request(made, sentAt) {
    const [trackId, identifyId] = made.messageIds
    const rubyDate = (date: Date) => date.toISOString().replace('Z', '+00:00')
    const call = (messageId: string) => ({
      context: { library: { name: 'analytics-ruby', version: '2.5.0' } },
      messageId,
      timestamp: rubyDate(made.madeAt),
      userId: made.userId,
    })
    const json = JSON.stringify({
      sentAt: rubyDate(sentAt),
      batch: [
        {
          ...call(trackId),
          type: 'track',
          event: made.event,
          properties: { total: 9.5, name: 'Zoë' },
        },
        { ...call(identifyId), type: 'identify', traits: { plan: 'pro' } },
      ],
    })
    return {
      method: 'POST',
      path: '/v1/import',
      headers: [
        ['Accept', 'application/json'],
        ['Content-Type', 'application/json'],
        ['User-Agent', 'analytics-ruby/2.5.0'],
        ['Accept-Encoding', 'gzip;q=1.0,deflate;q=0.6,identity;q=0.3'],
        ['Authorization', basic(made)],
        ['Host', ''],
      ],
      body: Buffer.from(json),
    }
  },
  judge(answer) {
    // It looks for `error` in the body before it looks at the status; what is no JSON object raises, and is retried.
    if (!isObject(parseJson(answer.text))) return 'again'
    return answer.status < 400 ? 'done' : judgeByStatus(answer)
  },
  afterBrokenConnection: 'again',
  obeysRetryAfter: false,
}

function php(encoding: 'plain' | 'gzip'): Shape {
  const isGzip = encoding === 'gzip'
  return {
    name: `Segment PHP 3.8.2, ${encoding}`,
    change: '`host`; it speaks TLS alone',
    request(made, sentAt) {
      const [trackId, identifyId] = made.messageIds
      // `date('c')`: whole seconds, and the zone of the server.
      const phpDate = (date: Date) =>
        new Date(date.getTime() + HOUR_MS).toISOString().replace(/\.\d+Z/, '+01:00')
      const context = {
        library: { name: 'analytics-php', version: '3.8.2', consumer: 'LibCurl' },
      }
      const call = { context, timestamp: phpDate(made.madeAt) }
      const json = asciiJson(
        JSON.stringify({
          batch: [
            {
              userId: made.userId,
              event: made.event,
              properties: { total: 9.5, name: 'Zoë', url: 'https://example.com/a' },
              ...call,
              messageId: trackId,
              type: 'track',
            },
            {
              userId: made.userId,
              traits: { plan: 'pro' },
              ...call,
              messageId: identifyId,
              type: 'identify',
            },
          ],
          sentAt: phpDate(sentAt),
        }),
      ).replaceAll('/', '\\/')
      return {
        method: 'POST',
        path: '/v1/batch',
        headers: [
          ['Host', ''],
          ['Authorization', basic(made)],
          ['Accept', '*/*'],
          ['Content-Type', 'application/json'],
          ...(isGzip ? [['Content-Encoding', 'gzip'] as const] : []),
          ['User-Agent', 'analytics-php/3.8.2'],
        ],
        body: isGzip ? gzipSync(json) : Buffer.from(json),
      }
    },
    judge({ status }) {
      if (status === 200) return 'done'
      return status >= 400 && status < 500 && status !== 429 ? 'drop' : 'again'
    },
    // LibCurl.php leaves its loop, and the batch is out of the queue by then.
    afterBrokenConnection: 'drop',
    obeysRetryAfter: false,
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Segment's libraries for servers. */
export const SERVER_SHAPES: readonly Shape[] = [
  python('plain'),
  python('gzip'),
  go,
  ruby,
  php('plain'),
  php('gzip'),
]
