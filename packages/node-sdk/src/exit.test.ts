import { execFile, execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silence, startCollector } from '../test/collector.ts'

// A process of its own can only run what is built.
const root = fileURLToPath(new URL('..', import.meta.url))
const entry = new URL('../dist/index.js', import.meta.url).href
let collector: Awaited<ReturnType<typeof startCollector>>

beforeAll(async () => {
  execFileSync('npx', ['tsc', '-b'], { cwd: root })
  collector = await startCollector(silence)
}, 60_000)
afterAll(() => collector.stop())

function run(code: string, options = '') {
  const script = `import { Tributary } from ${JSON.stringify(entry)}
    const endpoint = ${JSON.stringify(collector.endpoint)}
    const client = new Tributary({ writeKey: 'wk', endpoint, ${options} })
    for (let i = 0; i < 10; i++) client.track({ userId: 'u', event: 'e' + i })
    ${code}`
  const startMs = performance.now()
  return new Promise<{ error: unknown; stdout: string; tookMs: number }>((resolve) => {
    execFile(process.execPath, ['--input-type=module', '-e', script], (error, stdout) => {
      resolve({ error, stdout, tookMs: performance.now() - startMs })
    })
  })
}

it('does not keep a process alive that only tracks', async () => {
  const { error, tookMs } = await run('')
  expect(error).toBeNull()
  expect(tookMs).toBeLessThan(4000)
})

it('keeps a process alive while a flush is pending, and lets it go after', async () => {
  // The first request is met with silence and ended by the close.
  const closed = await run(
    'console.log(JSON.stringify(await client.closeAndFlush({ timeout: 300 })))',
  )
  expect(closed).toMatchObject({ error: null, stdout: '{"remaining":10}\n' })
  const flushed = await run('await client.flush(); console.log(client.stats().delivered)')
  expect(flushed).toMatchObject({ error: null, stdout: '10\n' })
  expect(flushed.tookMs).toBeLessThan(4000)
})

it('ends with an exit code of 0 when the collector is gone', async () => {
  const { error, stdout } = await run(
    `const gone = new Tributary({ writeKey: 'wk', endpoint: 'http://127.0.0.1:1' })
     gone.track({ userId: 'u', event: 'e' })
     await gone.flush({ timeout: 300 })
     console.log(gone.stats().pending)`,
  )
  expect(error).toBeNull()
  expect(stdout).toBe('1\n')
})

describe('with drainOnExit', () => {
  const drain = 'drainOnExit: true'
  const report = "client.on('drained', () => console.log('drained'))"
  const wait = 'setTimeout(() => {}, 60_000)'

  it('sends what is left when a process has nothing more to do', async () => {
    expect(await run(report, drain)).toMatchObject({ error: null, stdout: 'drained\n' })
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('sends what is left, then ends by %s', async (signal) => {
    const { error, stdout } = await run(
      `${report}; ${wait}; process.kill(process.pid, '${signal}')`,
      drain,
    )
    expect(error).toMatchObject({ signal })
    expect(stdout).toBe('drained\n')
  })

  it('leaves the end to a host that listens for the signal itself', async () => {
    const { error, stdout } = await run(
      `${report}; process.on('SIGTERM', () => setTimeout(() => process.exit(7), 500))
       ${wait}; process.kill(process.pid, 'SIGTERM')`,
      drain,
    )
    expect(error).toMatchObject({ code: 7 })
    expect(stdout).toBe('drained\n')
  })

  it('waits for all clients of the process, and no longer than its timeout', async () => {
    const { error, stdout, tookMs } = await run(
      `${report}
       const gone = { writeKey: 'wk', endpoint: 'http://127.0.0.1:1', drainOnExit: true, drainTimeoutMs: 400 }
       const other = new Tributary(gone).on('error', () => {})
       other.track({ userId: 'u', event: 'e' })
       ${wait}; process.kill(process.pid, 'SIGTERM')`,
      drain,
    )
    expect(error).toMatchObject({ signal: 'SIGTERM' })
    expect(stdout).toBe('drained\n')
    expect(tookMs).toBeGreaterThan(400)
    expect(tookMs).toBeLessThan(5000)
  })
})
