import { nodeResolve } from '@rollup/plugin-node-resolve'
import terser from '@rollup/plugin-terser'

/** The script-tag build. npm users get the modules as they are. */
export default {
  input: 'dist/script.js',
  output: { file: 'dist/tributary.js', format: 'iife' },
  plugins: [
    nodeResolve({ browser: true, exportConditions: ['browser'] }),
    terser({ ecma: 2020, module: true, compress: { passes: 3, keep_fargs: false } }),
  ],
}
