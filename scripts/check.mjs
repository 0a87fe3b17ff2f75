import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, install, ROOT, runTool } from './steps.mjs'

const PACKED = ['protocol', 'browser-sdk', 'node-sdk', 'collector', 'cli']

/** Every check that is not a test of behaviour, by name. Each tells whether it is green. */
const CHECKS = {
  'format, lint and boundaries': () => runTool('biome', ['check', '--error-on-warnings', '.']),
  'types of the tests': () => runTool('tsc', ['-p', 'tsconfig.test.json']),
  'types of the tests in workerd': () =>
    runTool('tsc', ['-p', 'packages/collector/tsconfig.test.json']),
  'types of the fault Worker': () => runTool('tsc', ['-p', 'e2e/crash/worker']),
  'types of the deployable example': () => runTool('tsc', ['-p', 'examples/edge-collector']),
  'types of the React example': () => runTool('tsc', ['-p', 'examples/react-spa']),
  'dead code': () => runTool('knip', []),
  'size limits': () => runTool('size-limit', []),
  'packages as published': () =>
    PACKED.every((name) => runTool('publint', ['--strict', `packages/${name}`])),
  'no addresses or machine paths in the repository': hasNoTraces,
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

/** Runs every check and says how many passed and failed. */
export function check() {
  const results = Object.entries(CHECKS).map(([name, isGreen]) => {
    const ok = isGreen()
    console.error(`${ok ? 'ok  ' : 'FAIL'} ${name}`)
    return ok
  })
  const passed = results.filter(Boolean).length
  return { passed, failed: results.length - passed }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  install()
  build()
  process.exit(check().failed > 0 ? 1 : 0)
}
