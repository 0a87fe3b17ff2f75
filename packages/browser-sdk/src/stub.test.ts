import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** The stub as it is built. Needs the bundle. */
const STUB = readFileSync(new URL('../dist/tributary.stub.js', import.meta.url), 'utf8').trim()

test('the stub can stand in a page as it is', () => {
  expect(STUB.length).toBeLessThanOrEqual(1024)
  expect(STUB).not.toMatch(/<\/|<!--|\n/)
})

test.for(['index', 'product', 'cart'])(
  'the %s page of the example has the stub as it is built',
  (name) => {
    const page = new URL(`../../../examples/website/${name}.html`, import.meta.url)
    expect(readFileSync(page, 'utf8')).toContain(`<script>${STUB}</script>`)
  },
)
