import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  ADMIN_TOKEN,
  callApi,
  exportEvents,
  freePort,
  livingProcesses,
  newFolder,
  type Program,
  ROOT,
  removeFolder,
  startCollector,
  startProgram,
  WRITE_KEY,
} from './collector.ts'

let folder: string
let port: number
const programs: Program[] = []

beforeEach(async () => {
  folder = newFolder()
  port = await freePort()
})

afterEach(async () => {
  for (const program of programs.splice(0)) {
    if (program.process.exitCode === null) await program.kill().catch(() => undefined)
  }
  removeFolder(folder)
})

/** `npm start` as a person types it. */
function npmStart(env: Record<string, string> = {}): Program {
  const program = startProgram('npm', ['start'], {
    PORT: String(port),
    TRIBUTARY_DATA: folder,
    ...env,
  })
  programs.push(program)
  return program
}

/** The value that a start has printed beside a label. */
function printed(program: Program, label: string): string {
  return new RegExp(`${label} +(\\S+)`).exec(program.output())?.[1] ?? ''
}

/** When each package's bundle was made. */
function bundledAtMs(): number[] {
  const bundles = [
    'browser-sdk/dist/tributary.js',
    'console/dist/assets.js',
    'cli/dist/local-worker.js',
  ]
  return bundles.map((file) => statSync(join(ROOT, 'packages', file)).mtimeMs)
}

async function track(url: string, writeKey: string, messageId: string): Promise<Response> {
  const event = { writeKey, messageId, userId: 'u', event: 'Started' }
  return fetch(`${url}/v1/track`, { method: 'POST', body: JSON.stringify(event) })
}

test('npm start prints what a newcomer needs, and a second start takes over keys and data', async () => {
  const url = `http://127.0.0.1:${port}`
  const first = npmStart()
  await first.waitFor('data ')
  expect(first.output()).toContain(`tributary ready ${url}\n`)
  const writeKey = printed(first, 'write key')
  const token = printed(first, 'admin token')
  expect((await track(url, writeKey, 'm1')).status).toBe(200)
  expect(await (await fetch(`${url}/healthz`)).json()).toMatchObject({ status: 'ok' })
  const page = await (await fetch(url)).text()
  expect(page).toContain(`data-write-key="${writeKey}"`)
  for (const path of ['tributary.js', 'tributary.page-views.js', 'tributary.all.js']) {
    const script = await fetch(`${url}/${path}`)
    expect(script.headers.get('content-type')).toContain('javascript')
    expect(await script.text()).toBe(
      readFileSync(join(ROOT, 'packages', 'browser-sdk', 'dist', path), 'utf8'),
    )
  }
  expect((await fetch(`${url}/tributary.nonsense.js`)).status).toBe(404)
  expect((await fetch(`${url}/tributary.errors.js`, { method: 'POST' })).status).toBe(405)
  await first.stop('SIGTERM')
  await expect.poll(() => livingProcesses(first)).toEqual([])

  const builtAtMs = bundledAtMs()
  const second = npmStart()
  await second.waitFor('data ')
  expect(bundledAtMs(), 'what is built is not built again').toEqual(builtAtMs)
  expect(printed(second, 'write key')).toBe(writeKey)
  expect(printed(second, 'admin token')).toBe(token)
  const response = await fetch(`${url}/api/events`, {
    headers: { authorization: `Bearer ${token}` },
  })
  expect(((await response.json()) as { events: unknown[] }).events).toMatchObject([
    { messageId: 'm1', event: 'Started' },
  ])
  await second.stop('SIGTERM')
  // npm may have something to say about the settings of this machine; we have not.
  const ours = second.output().replaceAll(/^npm .*$/gm, '')
  expect(ours).not.toMatch(/error|warn/i)
})

test.for(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s stops everything, with exit code 0',
  async (signal) => {
    const collector = await startCollector(port, folder)
    programs.push(collector)
    expect(await collector.stop(signal)).toBe(0)
    await expect.poll(() => livingProcesses(collector)).toEqual([])
  },
)

test('Ctrl-C, which reaches every process of the terminal, stops it with exit code 0', async () => {
  const collector = await startCollector(port, folder)
  programs.push(collector)
  process.kill(-(collector.process.pid as number), 'SIGINT')
  await expect.poll(() => collector.process.exitCode).toBe(0)
  await expect.poll(() => livingProcesses(collector)).toEqual([])
  expect(collector.output()).not.toContain('unexpectedly')
})

test('SIGKILL of the starter alone does not keep the next start from the port or the data', async () => {
  const first = await startCollector(port, folder)
  programs.push(first)
  expect((await track(first.url, WRITE_KEY, 'm1')).status).toBe(200)
  await first.stop('SIGKILL')
  const second = await startCollector(port, folder)
  programs.push(second)
  expect(await exportEvents(second.url)).toMatchObject([{ messageId: 'm1' }])
  expect(livingProcesses(first)).toEqual([])
})

test.for(['twice', 'twice while it starts'])(
  'SIGTERM %s stops everything, with exit code 0',
  async (when) => {
    const collector = startProgram(process.execPath, ['packages/cli/dist/main.js', 'dev'], {
      PORT: String(port),
      TRIBUTARY_DATA: folder,
    })
    programs.push(collector)
    if (when === 'twice') await collector.waitFor('tributary ready')
    else {
      const isStarting = () =>
        livingProcesses(collector).some((line) => line.includes('workerd serve'))
      await expect.poll(isStarting, { interval: 5, timeout: 20_000 }).toBe(true)
    }
    collector.process.kill('SIGTERM')
    await sleep(10)
    expect(await collector.stop('SIGTERM')).toBe(0)
    await expect.poll(() => livingProcesses(collector)).toEqual([])
  },
)

test.for([500, 2000, 5000])(
  'npm start that is killed after %i ms leaves nothing behind',
  async (delayMs) => {
    const start = npmStart()
    await sleep(delayMs)
    start.process.kill('SIGKILL')
    await expect.poll(() => livingProcesses(start), { timeout: 30_000 }).toEqual([])
  },
)

test('a reader of its lines that goes away does not take it along', async () => {
  const collector = startProgram(
    'sh',
    ['-c', `"${process.execPath}" packages/cli/dist/main.js dev 2>&1 | head -1`],
    {
      PORT: String(port),
      TRIBUTARY_DATA: folder,
    },
  )
  programs.push(collector)
  await collector.waitFor('tributary ready')
  await sleep(500)
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200)
})

test('another collector is not mistaken for a forgotten one of this directory', async () => {
  const other = await startCollector(port, folder)
  programs.push(other)
  const mine = newFolder()
  try {
    const [pid] = readFileSync(join(folder, 'workerd.pid'), 'utf8').split(' ')
    // What a directory looks like whose workerd has ended and whose process id the other one has now.
    writeFileSync(join(mine, 'workerd.pid'), `${pid} (workerd) S${' 1'.repeat(40)}`)
    const collector = await startCollector(await freePort(), mine)
    programs.push(collector)
    expect((await fetch(`${other.url}/healthz`)).status).toBe(200)
    await collector.stop()
  } finally {
    removeFolder(mine)
  }
})

test('the runtime alone being killed ends the start with one sentence and exit code 1', async () => {
  const collector = await startCollector(port, folder)
  programs.push(collector)
  execFileSync('pkill', ['-KILL', '-g', String(collector.process.pid), 'workerd'])
  await expect.poll(() => collector.process.exitCode, { timeout: 10_000 }).toBe(1)
  expect(collector.output()).toContain('The runtime has ended unexpectedly.')
})

/** A start that must fail: what it said on stderr, with exit code 1. */
async function failedStart(env: Record<string, string>): Promise<string> {
  const program = startProgram(process.execPath, ['packages/cli/dist/main.js', 'dev'], {
    PORT: String(port),
    TRIBUTARY_DATA: folder,
    TRIBUTARY_ADMIN_TOKEN: ADMIN_TOKEN,
    ...env,
  })
  programs.push(program)
  await expect.poll(() => program.process.exitCode, { timeout: 20_000 }).toBe(1)
  return program.output().trimEnd()
}

test.for([
  ['PORT', 'eighty', 'PORT must be a whole number from 0 to 65535, not "eighty".'],
  ['PORT', '70000', 'PORT must be a whole number from 0 to 65535, not "70000".'],
  ['PORT', '1e4', 'PORT must be a whole number from 0 to 65535, not "1e4".'],
  ['HOST', '127.1', 'HOST must be a host name or an address, not "127.1".'],
  ['HOST', 'no such host', 'HOST must be a host name or an address, not "no such host".'],
  ['HOST', '203.0.113.1', 'Cannot listen on HOST 203.0.113.1'],
  [
    'TRIBUTARY_WRITE_KEY',
    'with space',
    'TRIBUTARY_WRITE_KEY must be 8 to 128 printable characters',
  ],
  ['TRIBUTARY_ADMIN_TOKEN', 'short', 'TRIBUTARY_ADMIN_TOKEN must be 8 to 128 printable characters'],
] as const)('%s=%s is refused in one sentence', async ([name, value, sentence]) => {
  const output = await failedStart({ [name]: value })
  expect(output).toContain(sentence)
  expect(output.split('\n')).toHaveLength(1)
})

test('a taken port is refused in one sentence', async () => {
  const server = createServer().listen(port, '127.0.0.1')
  const output = await failedStart({})
  server.close()
  expect(output).toBe(`Port ${port} on 127.0.0.1 is taken; set PORT to another one.`)
})

test('a data directory that cannot be written to is refused in one sentence', async () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  chmodSync(file, 0o400)
  const output = await failedStart({ TRIBUTARY_DATA: join(file, 'data') })
  expect(output).toMatch(/^The data directory .* cannot be written to \(ENOTDIR\)\.$/)
})

test('a data directory in use is refused in one sentence', async () => {
  const collector = await startCollector(port, folder)
  programs.push(collector)
  const output = await failedStart({ PORT: '0', TMPDIR: '/nowhere' })
  expect(output).toMatch(/^Another collector is running on the data directory .*\.$/)
  await callApi(collector.url, '/api/stats')
})

test.for(['{', 'null', '{"writeKey":1}'])(
  'a file of keys with %s in it is refused in one sentence',
  async (text) => {
    writeFileSync(join(folder, 'secrets.json'), text)
    expect(await failedStart({})).toMatch(
      /^.*secrets\.json cannot be read; mend it, or remove it to get new keys\.$/,
    )
  },
)
