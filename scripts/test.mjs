import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check } from './check.mjs'
import { findEngines } from './engines.mjs'
import { build, install, startTool } from './steps.mjs'

install()
build()
await findEngines()

const checks = check()
const tests = await runTests(process.argv.slice(2))
const passed = checks.passed + tests.passed
const failed = checks.failed + tests.failed
if (tests.skipped > 0) console.error(`${tests.skipped} tests skipped; the name of each says why.`)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

/**
 * Runs vitest. What runs whole programs mostly waits, and so do tests in a browser: side by side they take as long as the
 * longest.
 */
async function runTests(args) {
  if (args.length > 0) return runVitest(args, 'inherit')
  const runs = await Promise.all([
    runVitest(['--project', 'node', '--project', 'workerd', '--maxWorkers=2'], 'inherit'),
    runVitest(['--project', 'e2e'], 'pipe'),
  ])
  const sum = (outcome) => runs[0][outcome] + runs[1][outcome]
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }
}

/**
 * One run; one that breaks off counts as one failure more than it reports.
 *
 * @param {string[]} args
 * @param {'inherit' | 'pipe'} output `pipe` prints it when it is over, so that two runs can be read.
 */
async function runVitest(args, output) {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-test-'))
  const report = join(folder, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const isGreen = await startTool('vitest', ['run', ...reporters, ...args], output)
  try {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(
      readFileSync(report, 'utf8'),
    )
    const broken = isGreen || numFailedTests > 0 ? 0 : 1
    return { passed: numPassedTests, failed: numFailedTests + broken, skipped: numPendingTests }
  } catch {
    return { passed: 0, failed: 1, skipped: 0 }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
