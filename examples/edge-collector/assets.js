import { copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The tracker's script and its optional parts. */
const scripts = new URL('.', import.meta.resolve('@tributary/browser/tributary.js'))

mkdirSync('public', { recursive: true })
for (const name of readdirSync(fileURLToPath(scripts))) {
  if (/^tributary\..*js$/.test(name)) copyFileSync(new URL(name, scripts), `public/${name}`)
}
