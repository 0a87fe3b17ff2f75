import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check } from './check.mjs'
import { findChromium } from './chromium.mjs'
import { build, install, runTool } from './steps.mjs'

install()
build()
const chromium = await findChromium()
if (chromium) process.env.TRIBUTARY_CHROMIUM = chromium
else
  console.error('There is no Chromium and no way to install one: the tests in a browser will fail.')

const checks = check()
const tests = runTests(process.argv.slice(2))
const passed = checks.passed + tests.passed
const failed = checks.failed + tests.failed
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

/** Runs vitest; a run that breaks off counts as one failure more than it reports. */
function runTests(args) {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-test-'))
  const report = join(folder, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const isGreen = runTool('vitest', ['run', ...reporters, ...args])
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'))
    const broken = isGreen || numFailedTests > 0 ? 0 : 1
    return { passed: numPassedTests, failed: numFailedTests + broken }
  } catch {
    return { passed: 0, failed: 1 }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
