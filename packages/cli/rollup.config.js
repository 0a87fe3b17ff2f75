import { copyFileSync, cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { nodeResolve } from '@rollup/plugin-node-resolve'

const require = createRequire(import.meta.url)

/** What `tributary init` writes. */
const TEMPLATE = '../../examples/edge-collector'

/** The local Worker as one module, the browser's scripts that it serves, and the template of a collector. */
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
    {
      name: 'copy-template',
      writeBundle() {
        rmSync('dist/template', { recursive: true, force: true })
        cpSync(TEMPLATE, 'dist/template', {
          recursive: true,
          // Its README is about the copy in this repository; what else is left out is made there, not written.
          filter: (path) =>
            !/node_modules|\.wrangler|README\.md|\.gitignore|tributary\..*js$/.test(path),
        })
      },
    },
  ],
}
