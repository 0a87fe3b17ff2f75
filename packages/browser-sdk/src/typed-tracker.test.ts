import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { afterAll, expect, test } from 'vitest'
import { createInertTracker } from './inert-tracker.ts'
import { createTracker } from './typed-tracker.ts'

const folder = mkdtempSync(join(tmpdir(), 'tributary-typed-'))
afterAll(() => rmSync(folder, { recursive: true }))

const SDK = fileURLToPath(new URL('../dist/index.js', import.meta.url))
const PLAN = fileURLToPath(new URL('../test/plans/zod.ts', import.meta.url))

/** What a site ships for a module that has this text. Needs the compiled package. */
async function bundleOf(name: string, text: string): Promise<string> {
  const entry = join(folder, `${name}.ts`)
  writeFileSync(entry, text)
  const output = await build({
    logLevel: 'error',
    build: { write: false, minify: 'esbuild', rollupOptions: { input: entry } },
  })
  const chunks = [output].flat().flatMap((part) => ('output' in part ? part.output : []))
  return chunks.map((chunk) => ('code' in chunk ? chunk.code : '')).join('')
}

const LOAD = `TributaryBrowser.load({ writeKey: 'wk' })`
const TRACK = `.track('Order Completed', { total: 5, currency: 'EUR', items: '2' })`

test('a plan that is imported as a type adds nothing to what a site ships', async () => {
  const [untyped, typed, validating] = await Promise.all([
    bundleOf('untyped', `import { TributaryBrowser } from '${SDK}'\n${LOAD}${TRACK}`),
    bundleOf(
      'typed',
      `import { createTracker, TributaryBrowser } from '${SDK}'
       import type { plan } from '${PLAN}'
       createTracker<typeof plan>(${LOAD})${TRACK}`,
    ),
    bundleOf(
      'validating',
      `import { TributaryBrowser } from '${SDK}'
       import { plan } from '${PLAN}'
       plan.events['Order Completed'].parse({})
       ${LOAD}${TRACK}`,
    ),
  ])
  expect(untyped).toContain('Order Completed')
  // What a validator in the bundle looks like, to know that it would be seen.
  expect(validating).toMatch(/ZodError/)
  expect(validating.length).toBeGreaterThan(untyped.length + 10_000)
  expect(typed).not.toMatch(/zod/i)
  expect(Math.abs(typed.length - untyped.length)).toBeLessThan(16)
})

test('a typed tracker is the tracker itself', () => {
  const tracker = createInertTracker()
  expect(createTracker(tracker)).toBe(tracker)
})
