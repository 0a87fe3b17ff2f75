import { basename } from 'node:path'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import terser from '@rollup/plugin-terser'

/** What is built from `modules/script`: the optional parts, each a script of its own beside the tracker's, and `all`, which has them all. */
const MODULES = [
  'standard',
  'page-views',
  'engagement',
  'interactions',
  'web-vitals',
  'errors',
  'overlay',
  'consent',
  'client-hints',
  'links',
]

/** No function of ours looks at `this` or `arguments`, no property of ours does something when it is read, and nothing built in is taken for patched. */
const COMPRESS = {
  passes: 8,
  keep_fargs: false,
  inline: 1,
  unsafe_arrows: true,
  pure_getters: true,
  unsafe: true,
  unsafe_math: true,
  negate_iife: false,
}

/** Names that stay inside the core's bundle, for a shorter one. None is on the wire, in the API, at a seam, or the browser's. */
const INTERNAL =
  /^(on(Sent|Answer|Failure|Lifecycle)|goesOn|giveUp|take|turns|openDisk|exclusively|recover|medium|spill|calledAtMs|afterMs|retryAfter|maxEvents|maxBytes|hide|wake|kind|progress|kept|batchSize|intervalMs|second|callback|data|args|entry|end|begin|unended|preamble|alter|accept|added|restore|readArguments|isWaiting|inTurn|complete)$/

/** The same where all parts are one bundle: their seams too. Not what events of the browser have (`data`), nor the wire (`kind`). */
const INTERNAL_TO_ALL =
  /^(on(Sent|Answer|Failure|Lifecycle|Hidden)|goesOn|giveUp|take|turns|openDisk|exclusively|recover|medium|spill|calledAtMs|afterMs|retryAfter|maxEvents|maxBytes|hide|wake|progress|kept|batchSize|intervalMs|store|eventJson|lastRequest|postLater|second|callback|args|entry|end|begin|unended|preamble|alter|accept|added|restore|readArguments|readCanonical|isHooked|emit|seams|platform|identity|read|write|peek|tracker|options|change|settle|settled|identified|envelope|accepted|failed|toJson|extend|callsFrom|settings|addPart|start|takeOver|elapsed|newId|after|post|readPage|readDevice|readScreen|openCookie|openTabs|adoptLanding|remember|gpcCategories|required|initial|sources|mask|includeUserId|domains|hints|first|untold|toldAtMs|admit|canChange|addMiddleware|tell|prepared|follow|recall|decide|preferences|states|counts|make|send|wipe|row|attempts|item|bytes|parent|note|previous|confirm|firstHiddenTime|reportAllChanges|atMs|core|last|run|rest|queue|enter|stop|owner|label|isWaiting|inTurn|complete|record)$/

/** What the script with all parts goes without: nothing in it waits for another script, and its 15 KiB have no room for the request that the browser makes later. */
const LEFT_OUT = {
  'is-late.js': 'export const IS_LATE = false',
  'fetch-later.js': 'export const postLater = undefined',
  'last-request.js': 'export function addLastRequest() {}',
}

/** The script-tag builds. npm users get the modules as they are. */
export default [
  bundle('dist/script.js', 'dist/tributary.js', INTERNAL, {
    hoist_funs: true,
    lhs_constants: false,
  }),
  stub('dist/stub.js', 'dist/tributary.stub.js'),
  part('all', INTERNAL_TO_ALL),
  ...MODULES.map((name) => part(name)),
]

/** A script that does no more than start a part. In the one with all parts nothing waits for another script. */
function part(name, internal) {
  const build = bundle('part', `dist/tributary.${name}.js`, internal)
  const start = `import { start } from './dist/modules/script/${name}.js'; start()`
  const sources = {
    name: 'sources',
    resolveId: (id) => (id === 'part' ? `${import.meta.dirname}/part` : null),
    load(id) {
      if (id.endsWith('/part')) return start
      return name === 'all' ? (LEFT_OUT[basename(id)] ?? null) : null
    },
  }
  return { ...build, plugins: [sources, ...build.plugins] }
}

function bundle(input, file, internal, compress) {
  const mangle = internal ? { properties: { regex: internal, builtins: true } } : true
  return {
    input,
    output: { file, format: 'iife' },
    plugins: [
      nodeResolve({ browser: true, exportConditions: ['browser'] }),
      // One word for both compresses better, and nothing is written to that is a constant.
      { name: 'let', renderChunk: (code) => code.replace(/\bconst /g, 'let ') },
      terser({ ecma: 2020, module: true, compress: { ...COMPRESS, ...compress }, mangle }),
    ],
  }
}

/** What a page has inline until the script is there: a block, where a function around it would be nine bytes longer. */
function stub(input, file) {
  return {
    input,
    output: { file, format: 'es' },
    plugins: [
      terser({ ecma: 2020, module: true, compress: { passes: 3, unsafe_arrows: true } }),
      { name: 'block', renderChunk: (code) => `{${code.trim().replace(/;$/, '')}}` },
    ],
  }
}
