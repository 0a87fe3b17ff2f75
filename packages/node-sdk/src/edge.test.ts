import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import * as edge from './edge.ts'
import * as node from './index.ts'

/** Every file of ours that an entry imports, directly or not, and every package. */
function graphOf(entry: string): { files: Map<string, string>; packages: Set<string> } {
  const files = new Map<string, string>()
  const packages = new Set<string>()
  const visit = (url: URL) => {
    if (files.has(url.href)) return
    const text = readFileSync(url, 'utf8')
    files.set(url.href, text)
    // What is imported as a type alone is gone when it runs.
    for (const [, from] of text.matchAll(
      /^(?:import|export)(?! type\b)\s[^'"]*?from '([^']+)'|^import '([^']+)'|\bimport\(/gm,
    )) {
      if (from?.startsWith('.')) visit(new URL(from, url))
      else packages.add(from ?? 'import()')
    }
  }
  visit(new URL(entry, import.meta.url))
  return { files, packages }
}

it.each(['./edge.ts', './hono.ts', './express.ts', './testing.ts'])(
  '%s and all that it imports do without Node',
  (entry) => {
    const { files, packages } = graphOf(entry)
    expect([...packages].filter((name) => !['uuid', '@tributary/protocol'].includes(name))).toEqual(
      [],
    )
    for (const [file, text] of files) {
      const code = text.replace(/\/\*.*?\*\/|\/\/.*$/gms, '')
      expect(code.match(/\bBuffer\b|(?<!\.)\bprocess\.|\bsetImmediate\b/g), file).toBeNull()
    }
  },
)

it('the graph is walked: the entry of Node needs Node', () => {
  const { files, packages } = graphOf('./index.ts')
  expect(files.size).toBeGreaterThan(10)
  expect(packages).toContain('node:crypto')
})

it('both entries export the same names', () => {
  expect(Object.keys(edge)).toEqual(Object.keys(node))
})
