import { describe, expect, test } from 'vitest'
import { compressed } from '../../test-client.ts'
import { readBody } from './body.ts'

const LIMITS = { maxBytes: 1000, headBytes: 10, timeoutMs: 1000 }
const TEXT = '{"batch":[1,2,3]}'

function request(body: BodyInit, encoding?: string): Request {
  const headers = encoding === undefined ? {} : { 'content-encoding': encoding }
  return new Request('https://collector.example', { method: 'POST', body, headers })
}

async function read(body: BodyInit, encoding?: string, limits = LIMITS) {
  const result = await readBody(request(body, encoding), limits)
  return result.ok ? new TextDecoder().decode(result.bytes) : result.error.code
}

function join(...parts: Uint8Array[]) {
  return new Blob(parts).arrayBuffer()
}

describe('a body is inflated', () => {
  const gzip = (text: string) => compressed(text, 'gzip')
  const cases: Record<string, () => Promise<string>> = {
    'plain, with a header that says gzip': () => read(TEXT, 'gzip'),
    'plain, with a header that says br': () => read(TEXT, 'br'),
    'plain, with a header that says deflate': () =>
      read(`  ${TEXT}`, 'deflate').then((t) => t.trim()),
    'gzip without a header': async () => read(await gzip(TEXT)),
    'gzip with a header that says br': async () => read(await gzip(TEXT), 'br'),
    'x-gzip': async () => read(await gzip(TEXT), 'x-gzip'),
    zlib: async () => read(await compressed(TEXT, 'deflate'), 'deflate'),
    'raw deflate where the header says so': async () =>
      read(await compressed(TEXT, 'deflate-raw'), 'deflate'),
    'gzip within gzip': async () => {
      const inner = await gzip(TEXT)
      const stream = new Blob([inner]).stream().pipeThrough(new CompressionStream('gzip'))
      return read(await new Response(stream).arrayBuffer(), 'gzip, gzip')
    },
    'gzip of several members': async () =>
      read(await join(await gzip(TEXT.slice(0, 5)), await gzip(''), await gzip(TEXT.slice(5)))),
  }
  test.for(Object.entries(cases))('%s', async ([, run]) => {
    expect(await run()).toBe(TEXT)
  })
})

describe('a body is refused', () => {
  const bytes = (...values: number[]) => new Uint8Array(values)
  const twice = async (body: Uint8Array, times: number): Promise<Uint8Array> => {
    if (times === 0) return body
    const stream = new Blob([body]).stream().pipeThrough(new CompressionStream('gzip'))
    return twice(new Uint8Array(await new Response(stream).arrayBuffer()), times - 1)
  }
  const cases: [string, string, () => Promise<string>][] = [
    [
      'zstd, by its magic bytes',
      'unsupported_encoding',
      () => read(bytes(0x28, 0xb5, 0x2f, 0xfd, 4)),
    ],
    [
      'brotli, by its header',
      'unsupported_encoding',
      () => read(bytes(0x5b, 0x0e, 0xf8, 0xa3), 'br'),
    ],
    [
      'gzip three times over',
      'unsupported_encoding',
      async () => read(await twice(new TextEncoder().encode(TEXT), 3)),
    ],
    [
      'gzip cut off',
      'invalid_compression',
      async () => read((await compressed(TEXT, 'gzip')).slice(0, -4)),
    ],
    [
      'gzip with something after it',
      'invalid_compression',
      async () => read(await join(await compressed(TEXT, 'gzip'), bytes(1, 2, 3))),
    ],
    [
      'members that are together too large',
      'body_too_large',
      async () => {
        const member = await compressed(' '.repeat(400), 'gzip')
        return read(await join(member, member, member))
      },
    ],
    [
      'a bomb',
      'body_too_large',
      async () =>
        read(await compressed(' '.repeat(1e6), 'gzip'), '', { ...LIMITS, maxBytes: 5000 }),
    ],
  ]
  test.for(cases)('%s: %s', async ([, code, run]) => {
    expect(await run()).toBe(code)
  })

  test('many places that look like members cost no more than a few attempts', async () => {
    const header = bytes(0, 0, 0, 0, 0x1f, 0x8b, 8, 0)
    const hostile = await join(...Array.from({ length: 100_000 }, () => header))
    const limits = { ...LIMITS, maxBytes: 1_000_000 }
    const zipped = await join(await compressed(TEXT, 'gzip'), new Uint8Array(hostile))
    const before = performance.now()
    expect(await read(zipped, 'gzip', limits)).toBe('invalid_compression')
    expect(performance.now() - before).toBeLessThan(2000)
  })
})

describe('a body that does not arrive', () => {
  test('is given up after a time, however it trickles', async () => {
    let timer: ReturnType<typeof setInterval> | undefined
    const trickle = new ReadableStream<Uint8Array>({
      start(controller) {
        timer = setInterval(() => controller.enqueue(new TextEncoder().encode(' ')), 20)
      },
    })
    expect(await read(trickle, undefined, { ...LIMITS, timeoutMs: 150 })).toBe('body_timeout')
    clearInterval(timer as ReturnType<typeof setInterval>)
  })

  test('is told from one that is wrong', async () => {
    const broken = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"batch":'))
        controller.error(new Error('connection lost'))
      },
    })
    expect(await read(broken)).toBe('body_incomplete')
  })
})
