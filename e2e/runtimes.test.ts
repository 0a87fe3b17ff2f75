import { AsyncLocalStorage } from 'node:async_hooks'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { EdgeVM } from '@edge-runtime/vm'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import { Miniflare } from 'miniflare'
import { rollup } from 'rollup'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Collector,
  freePort,
  newFolder,
  ROOT,
  removeFolder,
  startCollector,
  WRITE_KEY,
  waitForEvents,
} from './collector.ts'

let folder: string
let collector: Collector

beforeAll(async () => {
  folder = newFolder()
  collector = await startCollector(await freePort(), folder)
})

afterAll(async () => {
  await collector.kill()
  removeFolder(folder)
})

const RUNTIMES = [
  { name: 'Deno', executable: process.env.TRIBUTARY_DENO, args: ['run', '--no-remote', '-A'] },
  { name: 'Bun', executable: process.env.TRIBUTARY_BUN, args: ['run'] },
]

describe.each(RUNTIMES)('in $name', ({ name, executable, args }) => {
  const isThere = executable !== undefined && existsSync(executable)
  const note = isThere ? '' : ` (skipped: there is no ${name})`

  function run(...more: string[]): string {
    const program = join(ROOT, 'e2e', 'runtimes', 'program.js')
    const given = [...args, program, collector.url, WRITE_KEY, name, ...more]
    return execFileSync(executable as string, given, {
      cwd: ROOT,
      encoding: 'utf8',
      timeout: 60_000,
    })
  }

  it.skipIf(!isThere)(`the client of the edge build delivers everything${note}`, async () => {
    const told = JSON.parse(run()) as Record<string, unknown>
    expect(told.entry).toMatch(/\/edge\.js$/)
    expect(told).toMatchObject({ remaining: 0, created: 251, delivered: 251, pending: 0 })
    const events = await waitForEvents(collector.url, 250, ({ userId }) => userId === name)
    expect(events.map(({ properties }) => properties.i)).toEqual([...Array(250).keys()])
    expect(events[249]?.properties.text).toBe('ü'.repeat(249))
    expect(
      await waitForEvents(collector.url, 1, ({ anonymousId }) => anonymousId === `${name}-browser`),
    ).toMatchObject([{ event: 'In Context', context: { locale: 'de' } }])
  })

  it.skipIf(!isThere)(`a program that only tracks is not kept from its end${note}`, () => {
    const startMs = performance.now()
    run('leave')
    // `flushIntervalMs` is 5,000.
    expect(performance.now() - startMs).toBeLessThan(4500)
  })
})

/** One of the programs as one script, as the bundlers of these platforms make it. */
async function bundleFor(file: string, exportConditions: string[]): Promise<string> {
  const bundle = await rollup({
    input: join(ROOT, 'e2e', 'runtimes', file),
    plugins: [nodeResolve({ exportConditions })],
    // What is not found is an import that fails where there are no modules of Node's.
    onwarn(warning) {
      throw new Error(warning.message)
    },
  })
  const { output } = await bundle.generate({ format: 'es' })
  expect(output[0].imports).toEqual([])
  return output[0].code
}

it("in Vercel's edge runtime everything is delivered, with and without a context", async () => {
  const code = await bundleFor('vercel.js', ['edge-light'])
  const vm = new EdgeVM({
    // Vercel adds it to its runtime, as Next.js does to the one that runs locally.
    extend: (context) => Object.assign(context, { AsyncLocalStorage }),
    initialCode: `(() => {${code}})()`,
  })
  const run = vm.evaluate<(endpoint: string, writeKey: string) => Promise<string>>('run')
  const told = JSON.parse(await run(collector.url, WRITE_KEY)) as Record<string, unknown>
  expect(told).toMatchObject({ remaining: 0, created: 31, delivered: 31, pending: 0 })
  const events = await waitForEvents(collector.url, 30, ({ userId }) => userId === 'Vercel')
  expect(events.map(({ properties }) => properties.i)).toEqual([...Array(30).keys()])
  expect(
    await waitForEvents(collector.url, 1, ({ anonymousId }) => anonymousId === 'Vercel-browser'),
  ).toHaveLength(1)
})

describe('in a Worker', () => {
  const workers: Miniflare[] = []
  let script: string

  beforeAll(async () => {
    script = await bundleFor('worker.js', ['workerd', 'worker', 'browser'])
  })

  afterAll(() => Promise.all(workers.map((worker) => worker.dispose())))

  async function start(compatibilityFlags: string[]): Promise<Miniflare> {
    const worker = new Miniflare({
      modules: true,
      script,
      compatibilityDate: '2026-04-21',
      compatibilityFlags,
      cf: {},
      bindings: { writeKey: WRITE_KEY, endpoint: collector.url },
    })
    workers.push(worker)
    await worker.ready
    return worker
  }

  it('events leave after the answer, by waitUntil, without any module of Node', async () => {
    const worker = await start([])
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => worker.dispatchFetch(`http://worker.test/plain?n=${n}`)),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
    const events = await waitForEvents(collector.url, 20, ({ userId }) => userId === 'plain')
    expect(new Set(events.map(({ properties }) => properties.n)).size).toBe(20)
    expect(events).toHaveLength(20)
    const refused = await worker.dispatchFetch('http://worker.test/context')
    expect(await refused.text()).toContain('set the compatibility flag "nodejs_compat"')
  })

  it('with nodejs_compat, calls carry the request', async () => {
    const worker = await start(['nodejs_compat'])
    const headers = {
      cookie: 'tributary_id_js=worker-browser',
      'user-agent': 'Test/1',
      'cf-connecting-ip': '203.0.113.9',
    }
    await worker.dispatchFetch('http://worker.test/context', { headers })
    expect(
      await waitForEvents(collector.url, 1, ({ anonymousId }) => anonymousId === 'worker-browser'),
    ).toMatchObject([
      {
        event: 'In Context',
        context: { ip: '203.0.113.9', userAgent: 'Test/1', page: { path: '/context' } },
      },
    ])
  })
})
