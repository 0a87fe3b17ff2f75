import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { build, install, ROOT } from './steps.mjs'

/** Time between looks at whether npm is still there. */
const NPM_POLL_MS = 100

// A signal to `npm start` ends npm, and at times the shell between it and us, but is not passed on to us.
const watched = process.env.npm_lifecycle_event ? [process.ppid, parentOf(process.ppid)] : []
install()
endWithNpm()
build()
endWithNpm()
setInterval(endWithNpm, NPM_POLL_MS).unref()
const { runDev } = await import('@tributary/cli')
await runDev({ siteDirectory: join(ROOT, 'examples', 'website') })

/** Stops what runs, once npm or its shell has gone. */
function endWithNpm() {
  const isAlone = watched.some((pid) => !isAlive(pid))
  if (isAlone) process.kill(process.pid, 'SIGTERM')
}

/** The parent of a process; the process itself where that cannot be told. */
function parentOf(pid) {
  const { stdout } = spawnSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' })
  return Number(stdout) || pid
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}
