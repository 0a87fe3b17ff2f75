import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { newFolder, ROOT, removeFolder } from './collector.ts'

test('wrangler would deploy examples/edge-collector with its bindings and the browser bundle', () => {
  const folder = newFolder()
  const wrangler = join(ROOT, 'node_modules', '.bin', 'wrangler')
  const output = execFileSync(wrangler, ['deploy', '--dry-run', '--outdir', folder], {
    cwd: join(ROOT, 'examples', 'edge-collector'),
    encoding: 'utf8',
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
  })
  expect(output).toContain('env.JOURNAL (Journal)')
  expect(output).toContain('env.LAKE (tributary-lake)')
  expect(output).toContain('--dry-run: exiting now.')
  expect(existsSync(join(folder, 'index.js'))).toBe(true)
  expect(existsSync(join(ROOT, 'examples', 'edge-collector', 'public', 'tributary.js'))).toBe(true)
  removeFolder(folder)
})
