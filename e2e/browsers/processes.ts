import { spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

/** A process that is alive. */
export interface LivingProcess {
  pid: number
  parent: number
  args: string
}

/** Longest that a process may take to be gone after SIGKILL. */
const END_MS = 5000

/** Every process that is alive, in the order of their numbers. */
export function livingProcesses(): LivingProcess[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' })
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, state, args = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    if (!state || state.startsWith('Z')) return []
    return [{ pid: Number(pid), parent: Number(parent), args }]
  })
}

/** A process and all that it has started, directly or not. */
export function familyOf(pid: number): LivingProcess[] {
  const all = livingProcesses()
  const family = new Set([pid])
  for (let size = 0; size < family.size; ) {
    size = family.size
    for (const process of all) if (family.has(process.parent)) family.add(process.pid)
  }
  return all.filter((process) => family.has(process.pid))
}

/** SIGKILL to all of them; resolves when they are gone. */
export async function killProcesses(processes: readonly LivingProcess[]): Promise<void> {
  const pids = new Set(processes.map(({ pid }) => pid))
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself.
    }
  }
  const deadline = Date.now() + END_MS
  while (livingProcesses().some(({ pid }) => pids.has(pid))) {
    if (Date.now() > deadline) throw new Error('Processes outlive SIGKILL.')
    await sleep(20)
  }
}
