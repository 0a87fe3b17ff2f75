import { nodeResolve } from '@rollup/plugin-node-resolve'
import { rollup } from 'rollup'

/** An ES module with all its imports as one script, which defines the global `name`. */
export async function bundleOf(path: string, name: string): Promise<string> {
  const build = await rollup({
    input: path,
    plugins: [nodeResolve({ browser: true })],
    onwarn() {},
  })
  const { output } = await build.generate({ format: 'iife', name })
  await build.close()
  return output[0].code
}
