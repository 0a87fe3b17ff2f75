import { existsSync } from 'node:fs'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import terser from '@rollup/plugin-terser'

/** The optional parts, each a script of its own beside the tracker's: `tributary.<name>.js`. */
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
].filter((name) => existsSync(`dist/modules/script/${name}.js`))

/** No function of ours looks at `this` or `arguments`, no property of ours does something when it is read, and nothing built in is taken for patched. */
const COMPRESS = {
  passes: 3,
  keep_fargs: false,
  inline: 1,
  unsafe_arrows: true,
  pure_getters: true,
  unsafe: true,
}

/** Names that stay inside the core's bundle, for a shorter one. None is on the wire, in the API, at a seam, or the browser's. */
const INTERNAL =
  /^(on(Sent|Answer|Failure|Lifecycle)|goesOn|giveUp|take|turns|openDisk|exclusively|recover|medium|spill|calledAtMs|afterMs|retryAfter|maxEvents|maxBytes|hide|wake|kind|progress|persisted|second|callback|data|args|entry|end|begin|unended|preamble|alter|accept|added|restore|readArguments)$/

/** The script-tag builds. npm users get the modules as they are. */
export default [
  bundle('dist/script.js', 'dist/tributary.js', {
    properties: { regex: INTERNAL, builtins: true },
  }),
  stub('dist/stub.js', 'dist/tributary.stub.js'),
  ...MODULES.map((name) => bundle(`dist/modules/script/${name}.js`, `dist/tributary.${name}.js`)),
]

function bundle(input, file, mangle = true) {
  return {
    input,
    output: { file, format: 'iife' },
    plugins: [
      nodeResolve({ browser: true, exportConditions: ['browser'] }),
      // One word for both compresses better, and nothing is written to that is a constant.
      { name: 'let', renderChunk: (code) => code.replace(/\bconst /g, 'let ') },
      terser({ ecma: 2020, module: true, compress: COMPRESS, mangle }),
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
