import { copyFileSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { nodeResolve } from '@rollup/plugin-node-resolve'

const require = createRequire(import.meta.url)

/** The local Worker as one module, and the browser bundle that it serves. */
export default {
  input: 'dist/worker/local-worker.js',
  output: { file: 'dist/local-worker.js', format: 'es' },
  external: ['cloudflare:workers'],
  plugins: [
    nodeResolve({ exportConditions: ['workerd', 'worker', 'browser'] }),
    {
      // The only dependency that is CommonJS (docs/adr/0009). Wrangler reads such modules as they are, rollup does not.
      name: 'ua-parser-as-module',
      transform(code, id) {
        if (!id.includes('ua-parser-js')) return undefined
        return `const exports = {};\n${code}\nexport default exports.UAParser;`
      },
    },
    {
      name: 'copy-browser-bundle',
      writeBundle() {
        mkdirSync('dist/assets', { recursive: true })
        copyFileSync(require.resolve('@tributary/browser/tributary.js'), 'dist/assets/tributary.js')
      },
    },
  ],
}
