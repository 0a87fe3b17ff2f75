import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { PEER_PACKAGES } from './peers.mjs'

const HERE = fileURLToPath(new URL('.', import.meta.url))

/** Ours and the controls need nothing of the peers. */
export const OWN = ['noop', 'baseline', 'tributary']

/** Every SDK that has an adapter: `init({ endpoint, key })`, `track(event, properties)` and `page()`. */
export const SDKS = [
  ...OWN,
  'segment',
  'rudderstack',
  'posthog',
  'posthog-slim',
  'posthog-lite',
  'snowplow',
  'jitsu',
  'amplitude',
  'mixpanel',
  'openpanel',
  'segment-batch',
  'rudderstack-10k',
]

/** How an application's bundler would be told to build for browsers. */
const OPTIONS = {
  bundle: true,
  platform: 'browser',
  target: 'es2020',
  legalComments: 'none',
  define: { 'process.env.NODE_ENV': '"production"' },
  write: false,
  logLevel: 'silent',
}

const scripts = new Map()

/** PostHog's slim build is the same SDK at another address. */
function adapterOf(sdk) {
  const [name, variant] = sdk.split('-slim')
  const code = readFileSync(new URL(`adapters/${name}.js`, import.meta.url), 'utf8')
  return variant === '' ? code.replace(`'${name}-js'`, `'${name}-js/dist/module.slim'`) : code
}

/** An SDK behind its adapter as a script that defines `SDK`; built once. */
export async function scriptOf(sdk, minify = true) {
  const key = `${sdk} ${minify}`
  if (!scripts.has(key)) {
    const contents = adapterOf(sdk)
    const { outputFiles } = await build({
      ...OPTIONS,
      stdin: { contents, resolveDir: OWN.includes(sdk) ? HERE : PEER_PACKAGES.folder },
      minify,
      format: 'iife',
      globalName: 'SDK',
    })
    scripts.set(key, outputFiles[0].text)
  }
  return scripts.get(key)
}

/**
 * What an application pays that imports an SDK.
 *
 * @param {string} code The import, re-exported.
 * @param {boolean} own Whether it is ours.
 * @returns {Promise<{ first: Uint8Array[], all: Uint8Array }>} The files that load at once where those that can wait are
 *   split off, and everything in one file.
 */
export async function moduleOf(code, own) {
  const options = {
    ...OPTIONS,
    stdin: { contents: code, resolveDir: own ? HERE : PEER_PACKAGES.folder },
    minify: true,
    format: 'esm',
  }
  const { outputFiles } = await build(options)
  const split = await build({ ...options, splitting: true, outdir: 'out', metafile: true })
  const { outputs } = split.metafile
  const entry = Object.keys(outputs).find((name) => outputs[name].entryPoint === '<stdin>')
  const first = importedBy(outputs, entry).map(
    (name) => split.outputFiles.find(({ path }) => path.endsWith(name)).contents,
  )
  return { first, all: outputFiles[0].contents }
}

function importedBy(outputs, name, found = []) {
  if (found.includes(name) || !outputs[name]) return found
  found.push(name)
  for (const { kind, path } of outputs[name].imports) {
    if (kind === 'import-statement') importedBy(outputs, path, found)
  }
  return found
}
