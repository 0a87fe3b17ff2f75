import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { build, install, ROOT, run } from './steps.mjs'

/** Runs one benchmark: `npm run bench -- collector`. Each is a folder of `bench/` with a `main.mjs`. */
const [name = '', ...args] = process.argv.slice(2)
const main = join(ROOT, 'bench', name, 'main.mjs')
if (!/^[a-z-]+$/.test(name) || !existsSync(main)) {
  console.error('Say which benchmark to run: npm run bench -- collector')
  process.exit(1)
}
install()
build()
process.exitCode = run(process.execPath, [main, ...args], { stdio: 'inherit' }) ? 0 : 1
