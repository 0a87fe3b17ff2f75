import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, install, ROOT, startTool } from './steps.mjs'

const PACKED = ['protocol', 'identity', 'browser-sdk', 'node-sdk', 'console', 'collector', 'cli']

/** Every check that is not a test of behaviour, by name. Each tells whether it is green. */
const CHECKS = {
  'format, lint and boundaries': () => passes('biome', 'check', '--error-on-warnings', '.'),
  'types of the tests': () => passes('tsc', '-p', 'tsconfig.test.json'),
  'types of the tests in workerd': () =>
    passes('tsc', '-p', 'packages/collector/tsconfig.test.json'),
  'types of the fault Worker': () => passes('tsc', '-p', 'e2e/crash/worker'),
  'types of the deployable example': () => passes('tsc', '-p', 'examples/edge-collector'),
  'types of the React example': () => passes('tsc', '-p', 'examples/react-spa'),
  'dead code': () => passes('knip'),
  'size limits': () => passes('size-limit'),
  ...Object.fromEntries(
    PACKED.map((name) => [
      `package as published: ${name}`,
      () => passes('publint', '--strict', `packages/${name}`),
    ]),
  ),
  'no addresses or machine paths in the repository': hasNoTraces,
}

function passes(tool, ...args) {
  return startTool(tool, args, 'inherit')
}

/** Lock files without download addresses, sources without paths of somebody's machine. */
function hasNoTraces() {
  const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8')
  if (lock.includes('"resolved": "http')) {
    console.error('package-lock.json carries download addresses; .npmrc leaves them out.')
    return false
  }
  const machinePaths = '(^|[^A-Za-z0-9_.@-])/(root|home/[a-z]+|Users/[a-z]+|work)/'
  const found = spawnSync('git', ['grep', '-nIE', machinePaths, '--', ':!package-lock.json'], {
    cwd: ROOT,
    encoding: 'utf8',
  }).stdout
  if (found) console.error(found)
  return !found
}

/** Runs every check, one after the other, and says how many passed and failed. */
export async function check() {
  let passed = 0
  for (const [name, isGreen] of Object.entries(CHECKS)) {
    const ok = await isGreen()
    if (ok) passed++
    console.error(`${ok ? 'ok  ' : 'FAIL'} ${name}`)
  }
  return { passed, failed: Object.keys(CHECKS).length - passed }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  install()
  build()
  const { failed } = await check()
  process.exit(failed > 0 ? 1 : 0)
}
