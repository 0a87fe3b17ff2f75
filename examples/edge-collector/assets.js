import { copyFileSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

mkdirSync('public', { recursive: true })
copyFileSync(
  fileURLToPath(import.meta.resolve('@tributary/browser/tributary.js')),
  'public/tributary.js',
)
