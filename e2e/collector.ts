import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** The top of the repository. */
export const ROOT: string = fileURLToPath(new URL('..', import.meta.url))

export const WRITE_KEY = 'wk_end_to_end'
export const ADMIN_TOKEN = 'at_end_to_end'

/** An event as the API gives it; tests look into it as a user's script would. */
// biome-ignore lint/suspicious/noExplicitAny: events are open JSON
export type Event = Record<string, any>

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** A folder that {@link removeFolder} takes away. */
export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'tributary-e2e-'))
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

/** A program in a process group of its own, so that all of it can be ended at once. */
export interface Program {
  process: ChildProcess
  /** Everything it has printed. */
  output(): string
  /** Waits for text on stdout; throws with the output when the program ends first or the time is up. */
  waitFor(text: string, timeoutMs?: number): Promise<void>
  /** Sends a signal to the program alone and waits for its end. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
  /** SIGKILL to the whole process tree at once. */
  kill(): Promise<void>
}

/** Starts a program at the top of the repository. */
export function startProgram(
  command: string,
  args: string[],
  env: Record<string, string>,
): Program {
  const child = spawn(command, args, {
    cwd: ROOT,
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'exit')
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  return {
    process: child,
    output: () => output,
    async waitFor(text, timeoutMs = 60_000) {
      const deadline = Date.now() + timeoutMs
      while (!output.includes(text)) {
        if (child.exitCode !== null) throw new Error(`${command} ended early:\n${output}`)
        if (Date.now() > deadline) throw new Error(`${command} never said "${text}":\n${output}`)
        await sleep(20)
      }
    },
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      const [code] = (await ended) as [number | null]
      return code
    },
    async kill() {
      process.kill(-(child.pid as number), 'SIGKILL')
      await ended
    },
  }
}

/** Processes of a program's group that are alive. */
export function livingProcesses(program: Program): string[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pgid=,stat=,args='], { encoding: 'utf8' })
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([group, state]) => group === String(program.process.pid) && !state?.startsWith('Z'))
    .map((fields) => fields.join(' '))
}

/** A collector as `npm start` runs it, on a port and a data directory of the test's. */
export interface Collector extends Program {
  url: string
}

/**
 * Starts a collector and waits until it is ready.
 *
 * @param site Folder of the site that it serves.
 */
export async function startCollector(
  port: number,
  dataDirectory: string,
  site = 'examples/website',
): Promise<Collector> {
  const program = startProgram(
    process.execPath,
    ['packages/cli/dist/main.js', 'dev', '--site', site],
    {
      PORT: String(port),
      TRIBUTARY_DATA: dataDirectory,
      TRIBUTARY_WRITE_KEY: WRITE_KEY,
      TRIBUTARY_ADMIN_TOKEN: ADMIN_TOKEN,
    },
  )
  const url = `http://127.0.0.1:${port}`
  await program.waitFor(`tributary ready ${url}\n`)
  return { ...program, url }
}

/** Calls the admin API; throws when it refuses. */
export async function callApi(url: string, path: string, method = 'GET'): Promise<Response> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` }
  const response = await fetch(`${url}${path}`, { method, headers })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return response
}

/** Every stored event, in the order of the export. */
export async function exportEvents(url: string): Promise<Event[]> {
  const text = await (await callApi(url, '/api/events/export')).text()
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event)
}

/** Waits until the export has at least `count` events that match, and gives those. */
export async function waitForEvents(
  url: string,
  count: number,
  matches: (event: Event) => boolean = () => true,
  timeoutMs = 30_000,
): Promise<Event[]> {
  const deadline = Date.now() + timeoutMs
  // An export drains everything: asked without a pause, it would keep the collector from what is waited for.
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 1.5, 1000)) {
    const events = (await exportEvents(url)).filter(matches)
    if (events.length >= count || Date.now() > deadline) return events
    await sleep(pauseMs)
  }
}
