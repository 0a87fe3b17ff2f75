import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { build, install, ROOT } from './steps.mjs'

/** Time between looks at whether npm is still there. */
const NPM_POLL_MS = 500

// A signal to `npm start` ends npm, and at times the shell between it and us, but is not passed on to us.
const isRunByNpm = process.env.npm_lifecycle_event !== undefined
const shell = process.ppid
const npm = parentOf(shell)
// Where npm was killed before we could look, its shell belongs to process 1 by now, which in a container may be npm itself.
const isOrphan = npm === 1 && !/npm|node|yarn/.test(askPs('args', 1))
install()
endWithNpm()
build()
endWithNpm()
setInterval(endWithNpm, NPM_POLL_MS).unref()
const { runDev } = await import('@tributary/cli')
await runDev({ siteDirectory: join(ROOT, 'examples', 'website') })

/** Stops what runs, once npm or its shell has gone. */
function endWithNpm() {
  const isAlone = process.ppid !== shell || parentOf(shell) !== npm || isOrphan
  if (isRunByNpm && isAlone) process.kill(process.pid, 'SIGTERM')
}

/** The parent of a process; 0 where that cannot be told. */
function parentOf(pid) {
  return Number(askPs('ppid', pid))
}

function askPs(column, pid) {
  const { stdout } = spawnSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' })
  return stdout?.trim() ?? ''
}
