import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newFolder, ROOT, removeFolder } from './collector.ts'

const EXAMPLE = join(ROOT, 'examples', 'edge-collector')

let folder: string

beforeEach(() => {
  folder = newFolder()
})

afterEach(() => {
  removeFolder(folder)
})

function dryRun(cwd: string): string {
  const wrangler = join(ROOT, 'node_modules', '.bin', 'wrangler')
  return execFileSync(wrangler, ['deploy', '--dry-run', '--outdir', join(folder, 'out')], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
  })
}

/** What `npm install` of the published packages would leave: our own as they are packed, all others as they are. */
function installPacked(into: string): void {
  const modules = join(into, 'node_modules')
  mkdirSync(join(modules, '@tributary'), { recursive: true })
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name === '@tributary' || name.startsWith('.')) continue
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name))
  }
  for (const [name, path] of [
    ['protocol', 'protocol'],
    ['identity', 'identity'],
    ['console', 'console'],
    ['collector', 'collector'],
    ['browser', 'browser-sdk'],
  ] as const) {
    const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', into], {
      cwd: join(ROOT, 'packages', path),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const [{ filename }] = JSON.parse(packed) as [{ filename: string }]
    const target = join(modules, '@tributary', name)
    mkdirSync(target)
    execFileSync('tar', ['-xzf', join(into, filename), '-C', target, '--strip-components=1'])
  }
}

test('wrangler would deploy a copy of examples/edge-collector, alone with the packages as published', () => {
  const copy = join(folder, 'mine')
  cpSync(EXAMPLE, copy, {
    recursive: true,
    filter: (path) => !/node_modules|\.wrangler|tributary\..*js$/.test(path),
  })
  installPacked(copy)
  const output = dryRun(copy)
  for (const binding of [
    'env.JOURNAL (Journal)',
    'env.PROFILES (Profiles)',
    'env.LAKE (tributary-lake)',
    'env.RATE_LIMIT (5000 requests/10s)',
  ]) {
    expect(output).toContain(binding)
  }
  expect(output).toContain('--dry-run: exiting now.')
  expect(existsSync(join(folder, 'out', 'index.js'))).toBe(true)
  for (const name of ['tributary.js', 'tributary.web-vitals.js']) {
    expect(existsSync(join(copy, 'public', name))).toBe(true)
  }
})

test('it tells the button of its secrets, and leans on nothing outside of its folder', () => {
  const read = (name: string) => readFileSync(join(EXAMPLE, name), 'utf8')
  const { cloudflare, dependencies } = JSON.parse(read('package.json'))
  const secrets = [...read('.dev.vars.example').matchAll(/^(\w+)=/gm)].map(([, name]) => name)
  expect(secrets).toEqual(['TRIBUTARY_ADMIN_TOKEN', 'SERVER_WRITE_KEY'])
  for (const name of secrets) expect(cloudflare.bindings[name as string].description).toBeTruthy()
  for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d/)
  for (const name of ['package.json', 'tsconfig.json', 'wrangler.jsonc', 'src/index.ts']) {
    expect(read(name)).not.toContain('../')
  }
})
