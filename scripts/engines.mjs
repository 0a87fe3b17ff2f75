import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ROOT, run, runTool } from './steps.mjs'

const XVFB = '/usr/bin/xvfb-run'

/** The engines that tests run in: what names the executable, where it is looked for, and the Debian packages that bring it. */
const ENGINES = {
  Chromium: {
    variable: 'TRIBUTARY_CHROMIUM',
    installed: [
      '/usr/bin/chromium',
      '/usr/bin/chromium-browser',
      '/usr/bin/google-chrome',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    ],
    packages: ['chromium'],
  },
  Firefox: {
    variable: 'TRIBUTARY_FIREFOX',
    installed: [
      '/usr/bin/firefox-esr',
      '/usr/bin/firefox',
      '/Applications/Firefox.app/Contents/MacOS/firefox',
      'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
    ],
    packages: ['firefox-esr'],
  },
  // WebKitGTK's own browser, which only Linux has; without a screen it needs Xvfb.
  WebKit: {
    variable: 'TRIBUTARY_WEBKIT',
    installed: [
      '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser',
      '/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser',
    ],
    needs: [XVFB],
    packages: ['libwebkit2gtk-4.1-0', 'xvfb', 'xauth'],
  },
}

/** Where runtimes are installed that the machine has not got: 200 MB, which only the tests need. */
const RUNTIMES_FOLDER = join(ROOT, 'node_modules', '.cache', 'tributary-runtimes')

/** The runtimes beside Node and workerd that the Node SDK's edge build is tested in: what names the executable, and the npm package that brings it. */
const RUNTIMES = {
  Deno: { variable: 'TRIBUTARY_DENO', command: 'deno', npm: 'deno@2.9.6' },
  Bun: { variable: 'TRIBUTARY_BUN', command: 'bun', npm: 'bun@1.4.5' },
}

/** Time for Playwright to fetch its Chromium. */
const DOWNLOAD_MS = 5 * 60_000

/** Time for npm to fetch the runtimes. */
const RUNTIMES_MS = 2 * 60_000

/**
 * Puts the executables into the environment, for the tests: of each engine what its variable names, else one that is
 * installed, else (Chromium) Playwright's own, else Debian's package. Says of each that cannot be had that it is missing.
 */
export async function findEngines() {
  const { chromium } = await import('playwright-core')
  ENGINES.Chromium.installed.push(chromium.executablePath())
  if (!find(ENGINES.Chromium)) {
    console.error('Installing Chromium …')
    runTool('playwright-core', ['install', 'chromium'], { timeout: DOWNLOAD_MS })
  }
  const missing = Object.values(ENGINES).filter((engine) => !find(engine))
  if (missing.length > 0) installPackages(missing.flatMap(({ packages }) => packages))
  for (const [name, engine] of Object.entries(ENGINES)) {
    const executable = find(engine)
    if (executable) process.env[engine.variable] = executable
    else console.error(`There is no ${name} and no way to install one: its tests are skipped.`)
  }
}

/** As {@link findEngines}, for the runtimes: what its variable names, else one on the path, else the npm package. */
export function findRuntimes() {
  const missing = Object.values(RUNTIMES).filter((runtime) => !findRuntime(runtime))
  if (missing.length > 0) {
    const packages = missing.map(({ npm }) => npm)
    console.error(`Installing ${packages.join(' ')} …`)
    const args = ['install', '--prefix', RUNTIMES_FOLDER, '--no-audit', '--no-fund', ...packages]
    run('npm', args, { timeout: RUNTIMES_MS })
  }
  for (const [name, runtime] of Object.entries(RUNTIMES)) {
    const executable = findRuntime(runtime)
    if (executable) process.env[runtime.variable] = executable
    else console.error(`There is no ${name} and no way to install one: its tests are skipped.`)
  }
}

function findRuntime({ variable, command }) {
  const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, command))
  const installed = join(RUNTIMES_FOLDER, 'node_modules', '.bin', command)
  return [process.env[variable], ...onPath, installed].find((path) => path && existsSync(path))
}

/** Path of an engine's executable, when all is there that it needs. */
function find({ variable, installed, needs = [] }) {
  if (!needs.every((path) => existsSync(path))) return undefined
  return [process.env[variable], ...installed].find((path) => path && existsSync(path))
}

function installPackages(packages) {
  if (spawnSync('apt-get', ['--version']).status !== 0) return
  console.error(`Installing ${packages.join(' ')} …`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  run('apt-get', ['update', '-qq'], { env })
  // One by one: a package that this release does not have must not keep the others away.
  for (const name of packages) {
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], { env })
  }
}
