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
      name: 'copy-browser-bundle',
      writeBundle() {
        mkdirSync('dist/assets', { recursive: true })
        copyFileSync(require.resolve('@tributary/browser/tributary.js'), 'dist/assets/tributary.js')
      },
    },
  ],
}
