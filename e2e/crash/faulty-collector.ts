import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { ADMIN_TOKEN, type Event, type Program, ROOT, startProgram } from '../collector.ts'
import type { Faults } from './worker/faults.ts'

/** Longest start of a collector with room on its disk. */
const START_TIMEOUT_MS = 60_000

/** Longest that an API call may take when nothing is disturbed; a long run's export takes minutes. */
const CALL_TIMEOUT_MS = 600_000

/** The same of the fault Worker's controls. */
const CONTROL_TIMEOUT_MS = 30_000

/** The real collector in the fault Worker, as a process that can be killed. */
export interface FaultyCollector {
  url: string
  /** Starts it and waits until it takes requests. @throws Error when it ends or the time is up before. */
  start(faults: Faults, timeoutMs?: number): Promise<void>
  /** Starts it and lets it be killed at any moment of its start. */
  startOnly(faults: Faults): void
  /** SIGKILL to the whole process tree. Does nothing where all of it has ended. */
  kill(): Promise<void>
  hasEnded(): boolean
  output(): string
  /** Calls one of the fault Worker's controls. */
  control(name: string, body?: unknown): Promise<unknown>
  /** Calls the admin API. @throws Error when it refuses. */
  api(path: string, options?: { method?: string; timeoutMs?: number }): Promise<Response>
}

/** Bundles the fault Worker around the collector as it is built. */
export async function bundleFaultWorker(folder: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: 'error',
    root: ROOT,
    ssr: { noExternal: true, target: 'webworker', resolve: { conditions: ['workerd', 'worker'] } },
    build: {
      ssr: fileURLToPath(new URL('worker/fault-worker.ts', import.meta.url)),
      outDir: folder,
      target: 'es2022',
      rollupOptions: {
        external: ['cloudflare:workers'],
        output: { entryFileNames: 'fault-worker.js' },
      },
    },
  })
  return join(folder, 'fault-worker.js')
}

/** A collector that is not started yet. */
export function createFaultyCollector(
  port: number,
  dataDirectory: string,
  workerFile: string,
): FaultyCollector {
  const url = `http://127.0.0.1:${port}`
  let program: Program | undefined

  function startOnly(faults: Faults): void {
    program = startProgram(process.execPath, ['e2e/crash/start.mjs'], {
      PORT: String(port),
      TRIBUTARY_DATA: dataDirectory,
      TRIBUTARY_ADMIN_TOKEN: ADMIN_TOKEN,
      FAULT_WORKER: workerFile,
      FAULTS: JSON.stringify(faults),
    })
  }

  return {
    url,
    startOnly,
    async start(faults, timeoutMs = START_TIMEOUT_MS) {
      startOnly(faults)
      await program?.waitFor(`ready on ${port}\n`, timeoutMs)
    },
    async kill() {
      await program?.kill().catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ESRCH') throw error
      })
    },
    hasEnded: () => program?.process.exitCode !== null || program.process.signalCode !== null,
    output: () => program?.output() ?? '',
    async control(name, body) {
      const headers = { connection: 'close' }
      const init = { method: 'POST', headers, body: JSON.stringify(body ?? null) }
      const signal = AbortSignal.timeout(CONTROL_TIMEOUT_MS)
      return (await fetch(`${url}/faults/${name}`, { ...init, signal })).json()
    },
    async api(path, { method = 'GET', timeoutMs = CALL_TIMEOUT_MS } = {}) {
      // A comparison keeps this process busy for seconds, and the collector closes connections that are idle.
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, connection: 'close' }
      const signal = AbortSignal.timeout(timeoutMs)
      const response = await fetch(`${url}${path}`, { method, headers, signal })
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
      return response
    },
  }
}

/** The lines of the export as they come: a long run's would not fit into one string. */
export async function* exportedLines(collector: FaultyCollector): AsyncGenerator<string> {
  const { body } = await collector.api('/api/events/export')
  const decoder = new TextDecoder()
  let rest = ''
  for await (const bytes of body ?? []) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

/** Every stored event, in the order of the export. */
export async function exported(collector: FaultyCollector): Promise<Event[]> {
  const events: Event[] = []
  for await (const line of exportedLines(collector)) events.push(JSON.parse(line) as Event)
  return events
}

/** Every record in quarantine. */
export async function quarantined(collector: FaultyCollector): Promise<Event[]> {
  const records: Event[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page = `/api/quarantine?limit=1000${cursor && `&cursor=${cursor}`}`
    const answer = (await (await collector.api(page)).json()) as {
      quarantine: Event[]
      cursor: string | null
    }
    records.push(...answer.quarantine)
    cursor = answer.cursor
  }
  return records
}

/** Asks again until the answer is the one waited for. @throws Error when it is not within the time. */
export async function until(
  isSo: () => Promise<boolean>,
  timeoutMs: number,
  what: string,
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${what}`)
    await sleep(100)
  }
}
