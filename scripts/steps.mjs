import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The top of the repository. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url))

const MINIMUM_NODE = [20, 19]

/**
 * Runs a command at the top of the repository, its output on stderr: stdout is for what scripts wait for.
 *
 * @returns Whether it ended with 0.
 */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
    ...options,
  })
  if (error) console.error(`${command}: ${error.message}`)
  return status === 0
}

/** Runs a tool of `node_modules`. */
export function runTool(name, args, options) {
  return run(join(ROOT, 'node_modules', '.bin', name), args, options)
}

/**
 * Starts a tool of `node_modules`, its output on stderr.
 *
 * @param {'inherit' | 'pipe'} output `pipe` keeps it back until the end.
 * @returns Whether it ended with 0.
 */
export async function startTool(name, args, output) {
  const stdio = output === 'pipe' ? ['ignore', 'pipe', 'pipe'] : ['ignore', 2, 2]
  const child = spawn(join(ROOT, 'node_modules', '.bin', name), args, {
    cwd: ROOT,
    stdio,
    shell: process.platform === 'win32',
  })
  const chunks = []
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => chunks.push(chunk))
  }
  const code = await new Promise((done) => {
    child.on('error', (error) => {
      console.error(`${name}: ${error.message}`)
      done(1)
    })
    child.on('close', done)
  })
  process.stderr.write(Buffer.concat(chunks))
  return code === 0
}

/** Ends the process with one sentence. */
function fail(sentence) {
  console.error(sentence)
  process.exit(1)
}

/** Installs the packages of the lock file, unless that very lock file is installed already. */
export function install() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor < MINIMUM_NODE[1])) {
    fail(`Node ${MINIMUM_NODE.join('.')} or later is needed; this is ${process.versions.node}.`)
  }
  const stamp = join(ROOT, 'node_modules', '.installed-lock')
  const lock = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  console.error('Installing packages …')
  // Not `npm ci`: that refuses a lock file without the binaries of every other platform, and a registry need not have them.
  const isInstalled = run('npm', ['install', '--no-save', '--no-audit', '--no-fund'])
  if (!isInstalled) fail('The packages could not be installed.')
  writeFileSync(stamp, lock)
}

/** The tracker's script, and one for each optional part. */
const BROWSER_SCRIPTS = [
  'tributary.js',
  'tributary.stub.js',
  ...readdirSync(join(ROOT, 'packages', 'browser-sdk', 'src', 'modules', 'script'))
    .filter((name) => /^[a-z-]+\.ts$/.test(name) && name !== 'add-module.ts')
    .map((name) => `tributary.${name.replace(/ts$/, 'js')}`),
]

/** What is bundled, by package: the CLI's last, since it serves the others. */
const BUNDLES = {
  'packages/browser-sdk': BROWSER_SCRIPTS.map((name) => `dist/${name}`),
  'packages/console': ['dist/assets.js'],
  'packages/cli': [
    'dist/local-worker.js',
    'dist/template/wrangler.jsonc',
    ...BROWSER_SCRIPTS.map((name) => `dist/assets/${name}`),
  ],
}

const ROLLUP = ['rollup', ['--config', '--silent']]

/** What makes a package's bundles, where it is not rollup. */
const BUNDLERS = { 'packages/console': ['vite', ['build', '--logLevel', 'warn']] }

const STYLES = readdirSync(join(ROOT, 'packages', 'console', 'src', 'styles')).map(
  (name) => `src/styles/${name}`,
)

/** Parts of the console that nothing compiles. */
const CONSOLE_FILES = ['index.html', 'vite.config.js', 'src/style.css', ...STYLES].map((name) =>
  join('packages', 'console', name),
)

/** What a package's bundles have of those. */
const UNCOMPILED = { 'packages/console': CONSOLE_FILES, 'packages/cli': CONSOLE_FILES }

/** Compiles every package and makes the bundles that are older than what goes into them. */
export function build() {
  console.error('Building …')
  const isBuilt =
    runTool('tsc', ['-b']) &&
    Object.keys(BUNDLES).every(
      (folder) =>
        isBundled(folder) || runTool(...(BUNDLERS[folder] ?? ROLLUP), { cwd: join(ROOT, folder) }),
    )
  if (!isBuilt) fail('The build failed.')
}

/** What `tributary init` writes is copied from there. */
const TEMPLATE_FILES = ['wrangler.jsonc', 'package.json', 'src/index.ts', 'assets.js'].map((name) =>
  join(ROOT, 'examples', 'edge-collector', name),
)

/** Whether the bundles of a package are newer than all that is compiled, its configuration and what is installed. */
function isBundled(folder) {
  const bundles = Object.entries(BUNDLES).flatMap(([name, files]) =>
    files.map((file) => join(ROOT, name, file)),
  )
  const own = BUNDLES[folder].map((file) => join(ROOT, folder, file))
  if (!own.every(existsSync)) return false
  const inputs = [
    join(ROOT, folder, 'rollup.config.js'),
    ...TEMPLATE_FILES,
    join(ROOT, 'node_modules', '.installed-lock'),
    ...(UNCOMPILED[folder] ?? []).map((file) => join(ROOT, file)),
    ...readdirSync(join(ROOT, 'packages')).flatMap((name) => compiledFiles(name)),
  ].filter((file) => existsSync(file) && !bundles.includes(file))
  const changedAt = (file) => statSync(file).mtimeMs
  return Math.min(...own.map(changedAt)) > Math.max(...inputs.map(changedAt))
}

/** What bundlers write below `dist`, beside the bundles themselves: newer than what was bundled before it, and nobody's input. */
const BUNDLED = /^(assets|site|template)\b/

function compiledFiles(name) {
  const dist = join(ROOT, 'packages', name, 'dist')
  if (!existsSync(dist)) return []
  return readdirSync(dist, { recursive: true })
    .filter((file) => file.endsWith('.js') && !BUNDLED.test(file))
    .map((file) => join(dist, file))
}
