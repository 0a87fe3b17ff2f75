import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vite'

const CONTENT_TYPES = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
}

/** Writes what was built as one module, which the collector bundles: then it needs no other place to serve it from. */
const asModule = {
  name: 'as-module',
  writeBundle(_options, bundle) {
    const assets = Object.values(bundle).map(({ fileName, code, source }) => {
      const body = String(code ?? source)
      const hash = createHash('sha256').update(body).digest('hex').slice(0, 16)
      return [
        `/console/${fileName}`,
        { contentType: CONTENT_TYPES[fileName.split('.').at(-1)], hash, body },
      ]
    })
    const module = `export const CONSOLE_ASSETS = ${JSON.stringify(Object.fromEntries(assets))}\n`
    writeFileSync(join(import.meta.dirname, 'dist', 'assets.js'), module)
  },
}

export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  build: {
    outDir: 'dist/site',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    // A `data:` address in CSS or HTML would need a hole in the policy.
    assetsInlineLimit: 0,
  },
  plugins: [asModule],
})
