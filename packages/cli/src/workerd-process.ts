import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Notes which process workerd is, in the form of `/proc/<pid>/stat` where there is one. */
const NOTE = 'workerd.pid'

/** Time between looks at a process that is ending. */
const POLL_MS = 20

/**
 * A script that notes its own process before it becomes workerd; Miniflare does not tell which one that is.
 *
 * @returns Path of the script.
 */
export function writeLauncher(dataDirectory: string): string {
  const requireOfMiniflare = createRequire(import.meta.resolve('miniflare'))
  const workerd = requireOfMiniflare('workerd').default as string
  const launcher = join(dataDirectory, 'start-workerd.sh')
  const note = `"$(dirname "$0")/${NOTE}"`
  writeFileSync(
    launcher,
    `#!/bin/sh
cat /proc/$$/stat > ${note} 2>/dev/null || ps -o pid=,lstart= -p $$ > ${note}
exec "${workerd}" "$@"
`,
  )
  chmodSync(launcher, 0o755)
  return launcher
}

/** Ends the workerd of this data directory, if it is still there: its starter may have been killed alone. */
export async function endWorkerd(dataDirectory: string): Promise<void> {
  const noted = readNote(join(dataDirectory, NOTE))
  if (!noted) return
  while (startOf(noted.pid) === noted.start) {
    process.kill(noted.pid, 'SIGKILL')
    await sleep(POLL_MS)
  }
}

/** A process and when it started: ids are used again, and then another program has this one. */
interface NotedProcess {
  pid: number
  start: string
}

function readNote(file: string): NotedProcess | undefined {
  try {
    const text = readFileSync(file, 'utf8')
    const pid = Number.parseInt(text, 10)
    const start = text.includes(')') ? startInStat(text) : startInPs(text)
    return pid > 1 && start ? { pid, start } : undefined
  } catch {
    return undefined
  }
}

/** When a process that runs started; `undefined` for none, and for one that has ended and waits to be reaped. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return /\) [ZX] /.test(stat) ? undefined : startInStat(stat)
  } catch {
    const { stdout } = spawnSync('ps', ['-o', 'pid=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
    })
    return startInPs(stdout ?? '')
  }
}

/** Field 22 of `/proc/<pid>/stat`, counted after the name, which may hold anything (proc(5)). */
function startInStat(stat: string): string | undefined {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}

function startInPs(line: string): string | undefined {
  return /^\s*\d+\s+(\S.*\S)\s*$/.exec(line)?.[1]
}
