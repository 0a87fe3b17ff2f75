import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import { rollup } from 'rollup'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser } from './browser.ts'
import {
  ADMIN_TOKEN,
  type Collector,
  type Event,
  exportEvents,
  freePort,
  newFolder,
  ROOT,
  removeFolder,
  startCollector,
  WRITE_KEY,
  waitForEvents,
} from './collector.ts'

const README = readFileSync(join(ROOT, 'README.md'), 'utf8')

/** Every code block, in order: its language and its text. */
const BLOCKS = [...README.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, text]) => ({
  language: language as string,
  text: text as string,
}))

let folder: string
let collector: Collector
const servers: Server[] = []

beforeAll(async () => {
  folder = newFolder()
  collector = await startCollector(await freePort(), join(folder, 'data'))
})

afterAll(async () => {
  for (const server of servers) server.close()
  await collector.kill()
  removeFolder(folder)
})

/** The one block of a language that has a text in it, {@link withOwnValues}. */
function block(language: string, having: string): string {
  const found = BLOCKS.filter(({ language: of, text }) => of === language && text.includes(having))
  expect(found, `${language} block with "${having}"`).toHaveLength(1)
  return withOwnValues((found[0] as { text: string }).text)
}

/** A block with the reader's own keys and address put in. */
function withOwnValues(text: string): string {
  return text
    .replaceAll('http://127.0.0.1:8787', collector.url)
    .replaceAll('YOUR_WRITE_KEY', WRITE_KEY)
    .replaceAll('YOUR_ADMIN_TOKEN', ADMIN_TOKEN)
}

/** Serves a page on an origin of its own, as a customer's site is. */
async function servePage(html: string): Promise<string> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html').end(html)
  }).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** Events of one of the examples, told apart by what they carry. */
function eventsOf(matches: (event: Event) => boolean, count: number): Promise<Event[]> {
  return waitForEvents(collector.url, count, matches)
}

test('the blocks are those that are run here, and no others', () => {
  expect(BLOCKS.map(({ language }) => language)).toEqual([
    'text',
    'sh',
    'sh',
    'sh',
    'html',
    'js',
    'js',
    'ts',
  ])
})

test('the two commands are those of package.json, of CI and of e2e/start.test.ts', () => {
  expect(block('sh', 'npm start')).toBe('npm start\n')
  expect(block('sh', 'npm test')).toBe('npm test\n')
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  expect(scripts).toMatchObject({ start: 'node scripts/start.mjs', test: 'node scripts/test.mjs' })
  expect(readFileSync(join(ROOT, '.ci', 'run'), 'utf8')).toContain('npm test')
})

test('the curl lines send an event and find it', async () => {
  const output = execFileSync('sh', ['-e', '-c', block('sh', 'curl')], {
    cwd: folder,
    encoding: 'utf8',
  })
  expect(output).toContain('{"success":true,"ok":true}')
  expect(output).toContain('"event":"Order Completed"')
  expect(readFileSync(join(folder, 'events.ndjson'), 'utf8')).toContain('"userId":"u1"')
})

test('the page sends what it says', async () => {
  const html = `<!doctype html><title>Readme</title>${block('html', 'async src')}`
  const browser = await openBrowser(join(folder, 'profile'))
  try {
    const tab = await browser.newPage()
    await tab.goto(await servePage(html))
    await tab.getByText('Buy').click()
    const events = await eventsOf(({ context }) => context?.page?.title === 'Readme', 2)
    expect(events.map(({ type, event }) => event ?? type)).toEqual(['page', 'Button Clicked'])
    expect(events[1]?.properties).toEqual({ colour: 'green' })
  } finally {
    await browser.close()
  }
})

test('the browser module sends what it says', async () => {
  // Inside the repository, so that the package is found as it would be from node_modules.
  const source = mkdtempSync(join(ROOT, 'e2e', '.readme-'))
  const browser = await openBrowser(join(folder, 'profile-module'))
  try {
    writeFileSync(join(source, 'main.js'), block('js', '@tributary/browser'))
    const bundle = await rollup({
      input: join(source, 'main.js'),
      plugins: [nodeResolve({ browser: true })],
    })
    const { output } = await bundle.generate({ format: 'es' })
    const script = `<!doctype html><title>Module</title><script type="module">${output[0].code}</script>`
    const tab = await browser.newPage()
    await tab.goto(await servePage(script))
    const events = await eventsOf(({ context }) => context?.page?.title === 'Module', 3)
    expect(events.map(({ type }) => type)).toEqual(['page', 'identify', 'track'])
    expect(events[2]).toMatchObject({ userId: 'u1', properties: { total: 99 } })
  } finally {
    await browser.close()
    removeFolder(source)
  }
})

test('the server module sends what it says, here and in the guide', async () => {
  const guide = readFileSync(join(ROOT, 'docs', 'node-sdk.md'), 'utf8')
  const [, first = ''] = /^```ts\n(.*?)^```$/ms.exec(guide) ?? []
  const source = mkdtempSync(join(ROOT, 'e2e', '.readme-'))
  try {
    const program = block('js', '@tributary/node')
    expect(withOwnValues(first)).toBe(program)
    writeFileSync(join(source, 'main.mjs'), program)
    execFileSync(process.execPath, [join(source, 'main.mjs')])
    const events = (await exportEvents(collector.url)).filter(
      ({ context }) => context?.library?.name === '@tributary/node',
    )
    expect(events.map(({ type }) => type)).toEqual(['identify', 'track'])
  } finally {
    removeFolder(source)
  }
})

test('the configuration is that of the deployable example', () => {
  const example = readFileSync(join(ROOT, 'examples', 'edge-collector', 'src', 'index.ts'), 'utf8')
  expect(block('ts', 'createCollector')).toBe(example)
})

test('the size it claims is the size of the script', () => {
  const script = readFileSync(join(ROOT, 'packages', 'browser-sdk', 'dist', 'tributary.js'))
  const kib = brotliCompressSync(script).length / 1024
  expect(README).toContain(`The script is ${(Math.ceil(kib * 10) / 10).toFixed(1)} KiB (brotli).`)
})

test('every link into the repository leads somewhere', () => {
  for (const file of [
    'README.md',
    'CONTRIBUTING.md',
    'docs/operations.md',
    'docs/architecture.md',
  ]) {
    const text = readFileSync(join(ROOT, file), 'utf8')
    for (const [, link] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      expect(existsSync(join(ROOT, file, '..', link as string)), `${file} → ${link}`).toBe(true)
    }
  }
})
