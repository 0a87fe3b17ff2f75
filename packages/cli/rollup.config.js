import { copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { nodeResolve } from '@rollup/plugin-node-resolve'

const require = createRequire(import.meta.url)

/** The local Worker as one module, and the browser's scripts that it serves. */
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
      name: 'copy-browser-scripts',
      writeBundle() {
        mkdirSync('dist/assets', { recursive: true })
        const scripts = dirname(require.resolve('@tributary/browser/tributary.js'))
        for (const name of readdirSync(scripts)) {
          if (/^tributary\..*js$/.test(name))
            copyFileSync(join(scripts, name), `dist/assets/${name}`)
        }
      },
    },
  ],
}
