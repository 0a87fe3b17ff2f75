import { spawnSync } from 'node:child_process'

/** SIGKILL to every process of the browser that runs on the profile in `folder`, as a power cut would. */
export function endProcessesOf(folder) {
  const { stdout } = spawnSync('ps', ['-A', '-ww', '-o', 'pid=,args='], { encoding: 'utf8' })
  const lines = stdout.split('\n').filter((line) => line.includes(`--user-data-dir=${folder}`))
  if (lines.length === 0) throw new Error('The browser is not running.')
  for (const line of lines) {
    try {
      process.kill(Number.parseInt(line, 10), 'SIGKILL')
    } catch {
      // It went with its parent.
    }
  }
}
