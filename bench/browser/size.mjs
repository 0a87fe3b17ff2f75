import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { transform } from 'esbuild'
import { ROOT } from '../../scripts/steps.mjs'
import { moduleOf } from './bundle.mjs'
import { PEER_PACKAGES } from './peers.mjs'

const DIST = join(ROOT, 'packages', 'browser-sdk', 'dist')

/**
 * @typedef {{ raw: number, gzip: number, brotli: number }} Size In bytes, gzip at 9 and brotli at 11.
 *
 * @typedef {object} SizeRow
 * @property {string} name
 * @property {string} [version] Of a peer.
 * @property {Size} [script] The script that a tag loads.
 * @property {Size} [first] What an application that imports it loads at once.
 * @property {Size} [all] The same with everything that loads later.
 */

/** What a page of each peer would load: the published script, and what an application writes to import it. */
const PEERS = [
  peer('segment', '@segment/analytics-next', 'AnalyticsBrowser', 'dist/umd/standalone.js'),
  peer('rudderstack', '@rudderstack/analytics-js', 'RudderAnalytics', {
    entry: '/bundled',
    // The package has the script before it is minified only.
    script: 'dist/npm/modern/bundled/umd/index.js',
  }),
  peer('posthog', 'posthog-js', 'default', 'dist/array.js'),
  peer('posthog-slim', 'posthog-js', 'default', { entry: '/dist/module.slim' }),
  peer('posthog-lite', 'posthog-js-lite', 'PostHog'),
  peer(
    'snowplow',
    '@snowplow/browser-tracker',
    'newTracker, trackPageView, trackSelfDescribingEvent, setUserId',
    'dist/index.umd.min.js',
  ),
  peer('jitsu', '@jitsu/js', 'jitsuAnalytics', 'dist/web/p.js.txt'),
  peer(
    'amplitude',
    '@amplitude/analytics-browser',
    'init, track, identify, setUserId, Identify',
    'lib/scripts/amplitude-min.js',
  ),
  peer('mixpanel', 'mixpanel-browser', 'default', {
    entry: '/src/loaders/loader-module-core',
    script: 'dist/mixpanel.min.js',
  }),
  peer('openpanel', '@openpanel/web', 'OpenPanel'),
]

function peer(sdk, name, imports, files = {}) {
  const { entry = '', script } = typeof files === 'string' ? { script: files } : files
  const file = script && join(PEER_PACKAGES.folder, 'node_modules', name, script)
  return { sdk, name, file, code: `export { ${imports} } from '${name}${entry}'` }
}

/**
 * Ours: the script, the npm entry, each optional part and the script that has all of them.
 *
 * @throws Error when it is not built.
 */
export async function measureOurs() {
  const script = sizeOf(readFileSync(join(DIST, 'tributary.js')))
  const all = sizeOf(readFileSync(join(DIST, 'tributary.all.js')))
  const parts = readdirSync(DIST)
    .map((file) => /^tributary\.(.+)\.js$/.exec(file)?.[1])
    .filter((part) => part !== undefined && part !== 'all')
    .map((part) => ({
      name: `tributary, ${part}`,
      script: sizeOf(readFileSync(join(DIST, `tributary.${part}.js`))),
    }))
  return [
    {
      name: 'tributary',
      script,
      ...(await importOf("export { TributaryBrowser } from '@tributary/browser'", true)),
    },
    ...parts,
    { name: 'tributary, all parts', script: all },
  ]
}

/** The peers of these names. They must be installed. */
export async function measurePeers(sdks) {
  const rows = []
  for (const { sdk, name, file, code } of PEERS.filter((entry) => sdks.includes(entry.sdk))) {
    const row = {
      name: sdk,
      version: PEER_PACKAGES.versions[name],
      ...(await importOf(code, false)),
    }
    rows.push(file && existsSync(file) ? { ...row, script: await scriptSize(file) } : row)
  }
  return rows
}

/** As published; minified where what is published is not. */
async function scriptSize(file) {
  const published = readFileSync(file)
  const { code } = await transform(published.toString(), { minify: true, legalComments: 'none' })
  return sizeOf(code.length < published.length * 0.8 ? Buffer.from(code) : published)
}

async function importOf(code, own) {
  const { first, all } = await moduleOf(code, own)
  return { first: sum(first.map(sizeOf)), all: sizeOf(all) }
}

function sizeOf(content) {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  }
  return {
    raw: content.length,
    gzip: gzipSync(content, { level: 9 }).length,
    brotli: brotliCompressSync(content, { params }).length,
  }
}

/** Files are compressed one by one. */
function sum(sizes) {
  const total = (kind) => sizes.reduce((bytes, size) => bytes + size[kind], 0)
  return { raw: total('raw'), gzip: total('gzip'), brotli: total('brotli') }
}
