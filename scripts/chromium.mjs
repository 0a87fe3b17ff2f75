import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { run, runTool } from './steps.mjs'

const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** Time for Playwright to fetch its Chromium. */
const DOWNLOAD_MS = 5 * 60_000

/**
 * A Chromium for the tests: `TRIBUTARY_CHROMIUM`, else one that is installed, else Playwright's own, else Debian's
 * package.
 *
 * @returns Path of the executable, or `undefined` when there is no way to one.
 */
export async function findChromium() {
  const { chromium } = await import('playwright-core')
  const find = () =>
    [process.env.TRIBUTARY_CHROMIUM, ...INSTALLED, chromium.executablePath()].find(
      (path) => path && existsSync(path),
    )
  if (find()) return find()
  console.error('Installing Chromium …')
  runTool('playwright-core', ['install', 'chromium'], { timeout: DOWNLOAD_MS })
  if (!find() && spawnSync('apt-get', ['--version']).status === 0) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    run('apt-get', ['update', '-qq'], { env })
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { env })
  }
  return find()
}
