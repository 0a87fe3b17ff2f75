import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const SCRIPT = fileURLToPath(new URL('log-process.mjs', import.meta.url))

/** What all processes on a directory have told. */
interface Account {
  /** Events that the log must keep until they end. */
  synced: Set<string>
  /** Events that a process has ended, or was about to. */
  ending: Set<string>
  /** Promises that were broken. */
  faults: string[]
}

interface LogProcess {
  name: string
  child: ChildProcess
  isKilled: boolean
  /** It has told of something. */
  isAtWork: Promise<unknown>
}

/** Processes that append to, read and end from logs in one directory, and are killed. */
export function createLogProcesses(directory: string, fsync: string) {
  const account: Account = { synced: new Set(), ending: new Set(), faults: [] }
  const ended = new Set<string>()
  const holders = new Map<string, LogProcess>()
  const running = new Set<LogProcess>()
  let count = 0

  function hold(event: string, by: LogProcess): void {
    const holder = holders.get(event)
    if (holder && !holder.isKilled) {
      account.faults.push(`${event} is held by ${holder.name}, which lives, and by ${by.name}`)
    }
    if (ended.has(event)) account.faults.push(`${by.name} reads ${event}, which has ended`)
    holders.set(event, by)
  }

  /** What becomes of an event of which a process tells. */
  const notes: Record<string, (event: string, by: LogProcess) => unknown> = {
    held: hold,
    synced: (event) => account.synced.add(event),
    ending: (event) => account.ending.add(event),
    ended: (event) => ended.add(event),
    drained: () => {},
  }

  function hear(line: string, by: LogProcess): void {
    const [what = '', ...events] = line.split(' ')
    const note = notes[what]
    if (!note) account.faults.push(`${by.name}: ${line}`)
    for (const event of events) note?.(event, by)
  }

  function start(mode: 'run' | 'drain' = 'run'): LogProcess {
    const name = `p${count++}`
    const child = spawn(process.execPath, [SCRIPT, directory, name, fsync, mode], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const isAtWork = once(child.stdout, 'data')
    const process_: LogProcess = { name, child, isKilled: false, isAtWork }
    running.add(process_)
    readLines(child, (line) => hear(line, process_))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => account.faults.push(text))
    return process_
  }

  async function kill(victim: LogProcess): Promise<void> {
    victim.isKilled = true
    running.delete(victim)
    victim.child.kill('SIGKILL')
    await once(victim.child, 'close')
  }

  return {
    account,
    /** Runs so many processes, and kills one after the other at random moments; another takes its place. */
    async run(processes: number, kills: number): Promise<void> {
      for (let i = 0; i < processes; i++) start()
      for (let i = 0; i < kills; i++) {
        const victim = [...running][Math.floor(Math.random() * running.size)] as LogProcess
        // One in ten in the midst of its start.
        if (Math.random() < 0.9) await victim.isAtWork
        await sleep(Math.random() * 150)
        await kill(victim)
        start()
      }
      for (const process_ of running) await kill(process_)
    },
    /** Lets one process end everything that is left. */
    drain: async () => void (await once(start('drain').child, 'close')),
  }
}

function readLines(child: ChildProcess, onLine: (line: string) => void): void {
  let rest = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
}
