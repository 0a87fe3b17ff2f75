import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check } from './check.mjs'
import { findEngines, findRuntimes } from './engines.mjs'
import { build, install, startTool } from './steps.mjs'

install()
build()
await findEngines()
findRuntimes()

const runs = await runAll(process.argv.slice(2))
const sum = (outcome) => runs.reduce((total, run) => total + (run[outcome] ?? 0), 0)
if (sum('skipped') > 0) console.error(`${sum('skipped')} tests skipped; the name of each says why.`)
console.log(`${sum('passed')} passed, ${sum('failed')} failed`)
process.exitCode = sum('failed') > 0 ? 1 : 0

/**
 * Checks and tests. What runs whole programs mostly waits, and so do tests in a browser: side by side they take as long as
 * the longest.
 */
async function runAll(args) {
  if (args.length > 0) return [await check(), await runVitest(args, 'inherit')]
  const programs = runVitest(['--project', 'e2e'], 'pipe')
  const checks = await check()
  const units = runVitest(
    ['--project', 'node', '--project', 'workerd', '--maxWorkers=2'],
    'inherit',
  )
  return [checks, await units, await programs]
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
