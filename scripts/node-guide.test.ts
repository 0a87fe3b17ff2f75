import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const GUIDE = readFileSync(join(ROOT, 'docs/node-sdk.md'), 'utf8')

/** Every code block of the guide. All are TypeScript. */
const BLOCKS = [...GUIDE.matchAll(/^```(\w+)\n(.*?)^```$/gms)]

function read(file: string): string {
  return readFileSync(join(ROOT, 'packages/node-sdk/src', file), 'utf8')
}

/** What stands around the blocks in a reader's program. */
const SURROUNDINGS = `
import type { Server } from 'node:http'
import type { Tributary } from '@tributary/node'
import type { Hono } from 'hono'
declare global {
  const tributary: Tributary
  const server: Server
  const app: Hono
  const rows: { user: string; at: Date }[]
  function userOf(request: Request): Promise<string | undefined>
  function buy(client: Tributary, user: string): Promise<void>
}
`

const SETTINGS = {
  compilerOptions: {
    target: 'ES2022',
    module: 'NodeNext',
    lib: ['ES2022'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    noEmit: true,
  },
}

test('every code block of the guide of the Node SDK compiles', () => {
  expect(BLOCKS.length).toBeGreaterThan(7)
  // Inside the package, so that the blocks find it, and Hono, as from a node_modules.
  const folder = mkdtempSync(join(ROOT, 'packages/node-sdk', '.guide-'))
  try {
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(SETTINGS))
    writeFileSync(join(folder, 'surroundings.d.ts'), SURROUNDINGS)
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    for (const [i, [, language, text]] of BLOCKS.entries()) {
      expect(language).toBe('ts')
      writeFileSync(join(folder, `block-${i}.ts`), `${text}\nexport {}\n`)
    }
    execFileSync(join(ROOT, 'node_modules', '.bin', 'tsc'), ['-p', folder], { encoding: 'utf8' })
  } catch (error) {
    // The compiler writes what it found to stdout.
    throw new Error((error as { stdout?: string }).stdout || String(error))
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the guide tells every option, outcome, reason and export of the Node SDK', () => {
  const [, options = ''] = /interface TributaryOptions \{(.*?)^\}/ms.exec(read('options.ts')) ?? []
  const [, queue = ''] = /interface QueueOptions \{(.*?)^\}/ms.exec(read('options.ts')) ?? []
  const [, request = ''] =
    /interface RequestOptions \{(.*?)^\}/ms.exec(read('core/request-facts.ts')) ?? []
  const [, stats = ''] = /interface Stats \{(.*?)^\}/ms.exec(read('core/ledger.ts')) ?? []
  const [, disk = ''] = /interface EventLogStats \{(.*?)^\}/ms.exec(read('event-log.ts')) ?? []
  const [, events = ''] = /interface ClientEvents.*? \{(.*?)^\}/ms.exec(read('outcomes.ts')) ?? []
  const [, reasons = ''] = /type LocalDropReason =(.*?)\n\n/s.exec(read('core/outcome.ts')) ?? []
  const [, outcomes = ''] = /outcome: ('delivered'.*)/.exec(read('core/receipt.ts')) ?? []
  const fields = [options, queue, request, stats, disk, events].map((text) => [
    ...text.matchAll(/^ {2}(\w+)\??:/gm),
  ])
  expect(fields.map(({ length }) => length > 2)).toEqual(Array(6).fill(true))
  const names = [
    ...fields.flat(),
    ...reasons.matchAll(/\| '(\w+)'/g),
    ...outcomes.matchAll(/'(\w+)'/g),
  ].map(([, name]) => name as string)
  expect(names.length).toBeGreaterThan(50)
  expect(names.filter((name) => !new RegExp(`\`[^\`]*\\b${name}\\b[^\`]*\``).test(GUIDE))).toEqual(
    [],
  )
})
