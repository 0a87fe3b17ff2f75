import { join } from 'node:path'
import { build, install, ROOT } from './steps.mjs'

/** Time between looks at whether npm is still there. */
const PARENT_POLL_MS = 100

install()
build()
const { runDev } = await import('@tributary/cli')
await runDev({ siteDirectory: join(ROOT, 'examples', 'website') })

// SIGTERM to `npm start` ends npm and its shell, and the shell passes nothing on: it shows as another parent.
if (process.env.npm_lifecycle_event) {
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM')
  }, PARENT_POLL_MS).unref()
}
