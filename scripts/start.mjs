import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { build, install, ROOT } from './steps.mjs'

/** Time between looks at whether npm is still there. */
const PARENT_POLL_MS = 100

install()
build()
const { runDev } = await import('@tributary/cli')
await runDev({ siteDirectory: join(ROOT, 'examples', 'website') })

// A signal to `npm start` ends npm, and at times the shell below it, but is not passed on to us.
if (process.env.npm_lifecycle_event) {
  const npm = parentOf(process.ppid)
  const watch = setInterval(() => {
    if (isAlive(process.ppid) && (npm === undefined || isAlive(npm)) && process.ppid !== 1) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, PARENT_POLL_MS)
  watch.unref()
}

function parentOf(pid) {
  const { stdout } = spawnSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' })
  return Number(stdout) > 1 ? Number(stdout) : undefined
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
