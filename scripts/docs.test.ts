import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import * as collectorLimits from '../packages/collector/src/limits.ts'
import * as sharedLimits from '../packages/protocol/src/limits.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

function filesIn(folder: string, extension: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(extension) && !/node_modules|dist/.test(name))
    .map((name) => join(folder, name))
}

const DOCS = [
  'README.md',
  'CONTRIBUTING.md',
  ...filesIn('docs', '.md'),
  'examples/edge-collector/README.md',
]

/** The collector's code as one text, without its tests. */
const COLLECTOR = [
  ...filesIn('packages/collector/src', '.ts'),
  ...filesIn('packages/protocol/src', '.ts'),
]
  .filter((file) => !/\.test(-d)?\.ts$/.test(file))
  .map(read)
  .join('\n')

/** What GitHub makes of a heading: lower case, punctuation gone, spaces as hyphens. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-')
}

function anchorsIn(file: string): string[] {
  return [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading as string))
}

test.for(DOCS)('every link of %s leads somewhere', (file) => {
  for (const [, link] of read(file).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
    const [path = '', anchor] = (link as string).split('#', 2)
    const target = path === '' ? file : join(dirname(file), path)
    expect(existsSync(join(ROOT, target)), `${file} → ${link}`).toBe(true)
    if (anchor !== undefined) expect(anchorsIn(target), `${file} → ${link}`).toContain(anchor)
  }
})

test('the protocol tells every code that the collector answers with', () => {
  const codes = new Set(
    [
      ...COLLECTOR.matchAll(/\brefuse\(\s*'(\w+)'/g),
      ...COLLECTOR.matchAll(/\berrorAnswer\(\s*\d+,\s*'(\w+)'/g),
      ...COLLECTOR.matchAll(/\bdeny\([^']*'(\w+)'/g),
      ...COLLECTOR.matchAll(/\bcode: '(\w+)'/g),
      ...COLLECTOR.matchAll(/return '(\w+)'\n/g),
    ].map(([, code]) => code as string),
  )
  expect(codes.size).toBeGreaterThan(30)
  const protocol = read('docs/protocol.md')
  expect(
    [...codes].filter((code) => code.includes('_') && !protocol.includes(`\`${code}\``)),
  ).toEqual([])
})

test('the operator is told every metric and every option', () => {
  const operations = read('docs/operations.md')
  const metrics = [...read('packages/collector/src/metrics.ts').matchAll(/'(tributary_\w+)'/g)]
  const sources = read('packages/collector/src/core/source-config.ts')
  const [, source = ''] = /interface SourceConfig \{(.*?)^\}/ms.exec(sources) ?? []
  const options = [...source.matchAll(/^ {2}(\w+)\??:/gm)]
  expect(metrics.length).toBeGreaterThan(8)
  expect(options.length).toBeGreaterThan(8)
  for (const [, name] of metrics) expect(operations).toContain(`\`${name}{`)
  for (const [, name] of options) expect(operations).toContain(`\`sources[].${name}`)
})

test('whoever puts the tracker on a page is told every option, reason, part and figure', () => {
  const guide = read('docs/browser-sdk.md')
  const [, options = ''] =
    /interface LoadOptions \{(.*?)^\}/ms.exec(read('packages/browser-sdk/src/options.ts')) ?? []
  const [, reasons = ''] =
    /type DropReason =(.*?)\n\n/s.exec(read('packages/browser-sdk/src/core/ending.ts')) ?? []
  const [, parts = ''] =
    /const MODULES = \[(.*?)\]/s.exec(read('packages/browser-sdk/rollup.config.js')) ?? []
  const names = [
    ...[...options.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => name),
    ...[...reasons.matchAll(/\| '(\w+)'/g)].map(([, name]) => name),
    ...[...parts.matchAll(/'([\w-]+)'/g)].map(([, name]) => name),
  ]
  expect(names.length).toBeGreaterThan(25)
  // The standard part is always there.
  expect(names.filter((name) => !guide.includes(`\`${name}\``))).toEqual(['standard'])
})

test('limits in prose are those of the code', () => {
  const { MAX_BODY_BYTES, MAX_EVENT_BYTES, MAX_EVENT_DEPTH, MAX_BATCH_EVENTS, MAX_MERGED_BYTES } =
    sharedLimits
  const { BODY_TIMEOUT_MS, MAX_KEPT_BODY_BYTES, RETRY_AFTER_SECONDS, MAX_CATCH_UP_EVENTS } =
    collectorLimits
  const protocol = read('docs/protocol.md')
  for (const text of [
    `| Body, as sent and inflated | ${MAX_BODY_BYTES / 2 ** 20} MiB |`,
    `| Time for it to arrive | ${BODY_TIMEOUT_MS / 1000} seconds |`,
    `| Event | ${MAX_EVENT_BYTES / 1024} KiB, ${MAX_EVENT_DEPTH} levels deep |`,
    `| Batch | ${inWords(MAX_BATCH_EVENTS)} events |`,
    `merged into all events | ${MAX_MERGED_BYTES / 2 ** 20} MiB |`,
    `the first ${MAX_KEPT_BODY_BYTES / 1024} KiB`,
    `\`Retry-After: ${RETRY_AFTER_SECONDS}\``,
    `at most ${inWords(MAX_CATCH_UP_EVENTS)} events back`,
  ]) {
    expect(protocol).toContain(text)
  }
  const operations = read('docs/operations.md')
  const { DRAIN_INTERVAL_MS, MAX_BACKLOG_BYTES } = collectorLimits
  expect(operations).toContain(`journals drain every ${DRAIN_INTERVAL_MS / 1000} seconds`)
  expect(operations).toContain(`From ${MAX_BACKLOG_BYTES / 2 ** 20} MiB on it answers 503`)
  expect(read('docs/adr/0016-clock-model.md')).toContain(
    `${inWords(collectorLimits.MAX_CLOCKS)} devices`,
  )
})

function inWords(count: number): string {
  return count.toLocaleString('en')
}
