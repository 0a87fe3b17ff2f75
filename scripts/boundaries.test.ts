import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** A folder with nothing but the linter's configuration, to plant files in. */
const folder = mkdtempSync(join(tmpdir(), 'tributary-boundaries-'))
for (const file of ['biome.json', 'purity.grit']) {
  copyFileSync(join(ROOT, file), join(folder, file))
}

afterAll(() => rmSync(folder, { recursive: true }))

/** Whether the linter takes a file with this text at this path. */
function isTaken(path: string, text: string): boolean {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  const biome = join(ROOT, 'node_modules', '.bin', 'biome')
  const { status } = spawnSync(biome, ['lint', '--vcs-enabled=false', path], { cwd: folder })
  return status === 0
}

const CORE = 'packages/collector/src/core/planted.ts'
const PROTOCOL = 'packages/protocol/src/planted.ts'
const IDENTITY = 'packages/identity/src/planted.ts'
const BROWSER = 'packages/browser-sdk/src/planted.ts'

test.for([
  [CORE, 'export const now = Date.now()'],
  [CORE, 'export const random = Math.random()'],
  [CORE, 'export const answer = fetch("https://a.example")'],
  [CORE, 'export const id = crypto.randomUUID()'],
  [CORE, 'import { join } from "node:path"\nexport const path = join("a")'],
  [CORE, 'import { limit } from "../limits.ts"\nexport const l = limit'],
  [CORE, 'import { Hono } from "hono"\nexport const app = new Hono()'],
  [PROTOCOL, 'import { a } from "@tributary/collector"\nexport const b = a'],
  [PROTOCOL, 'export const page = document.title'],
  [IDENTITY, 'export const now = Date.now()'],
  [IDENTITY, 'import { a } from "@tributary/collector"\nexport const b = a'],
  [IDENTITY, 'import { createHash } from "node:crypto"\nexport const h = createHash'],
  [BROWSER, 'import { a } from "@tributary/collector"\nexport const b = a'],
  [BROWSER, 'export * from "./tracker.ts"'],
  [BROWSER, 'export default 1'],
] as const)('%s may not say: %s', ([path, text]) => {
  expect(isTaken(path, `${text}\n`)).toBe(false)
})

test.for([
  [CORE, 'import { splitBatch } from "@tributary/protocol"\nexport const s = splitBatch'],
  [CORE, 'import { parseLakeKey } from "./lake-key.ts"\nexport const p = parseLakeKey'],
  [CORE, 'export const parse = (text: string) => Date.parse(text)'],
  [BROWSER, 'export const now = () => Date.now()'],
] as const)('%s may say: %s', ([path, text]) => {
  expect(isTaken(path, `${text}\n`)).toBe(true)
})
