import { spawnSync } from 'node:child_process'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Miniflare } from 'miniflare'
import { StartupError } from './startup-error.ts'

/** What the runtime runs with. */
export interface RuntimeOptions {
  host: string
  port: number
  /** Absolute path; databases and lake are kept below it. */
  dataDirectory: string
  /** Folder of a static site to serve beside the collector. */
  siteDirectory: string | undefined
  /** Text bindings of the Worker. */
  bindings: Record<string, string>
  /** Called once if the runtime ends without having been stopped. */
  onExit: () => void
}

/** A collector that is running. */
export interface Runtime {
  /** Where it listens, without a slash at the end. */
  url: string
  stop(): Promise<void>
}

/** At most a week after the date of the pinned workerd. */
const COMPATIBILITY_DATE = '2026-04-21'

const DIST = dirname(fileURLToPath(import.meta.url))

/**
 * Runs the local Worker in workerd by Miniflare's API: it answered over three times as many requests as behind the
 * proxy of `wrangler dev`, and it is the one place to change should that choice change.
 *
 * @throws StartupError when the address is taken.
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { host, port, dataDirectory, siteDirectory, bindings } = options
  await endOrphan(dataDirectory)
  await checkAddress(host, port)
  process.env.MINIFLARE_WORKERD_PATH = await writeLauncher(dataDirectory)
  let isStopping = false

  const miniflare = new Miniflare({
    host,
    port,
    modulesRoot: DIST,
    modules: [{ type: 'ESModule', path: join(DIST, 'local-worker.js') }],
    compatibilityDate: COMPATIBILITY_DATE,
    durableObjects: { JOURNAL: { className: 'Journal', useSQLite: true } },
    r2Buckets: ['LAKE'],
    defaultPersistRoot: dataDirectory,
    bindings,
    serviceBindings: {
      ASSETS: { disk: { path: join(DIST, 'assets'), writable: false } },
      ...(siteDirectory && { SITE: { disk: { path: siteDirectory, writable: false } } }),
    },
    // Otherwise Miniflare asks the network for a sample of `request.cf`.
    cf: false,
    handleRuntimeStdio(stdout, stderr) {
      showOutput(stdout)
      showOutput(stderr)
      stderr.once('close', () => {
        if (!isStopping) options.onExit()
      })
    },
  })
  // Miniflare has set handlers that end the process with a failure; ending it is for the caller.
  for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal)
  const url = await miniflare.ready
  return {
    url: url.origin,
    async stop() {
      isStopping = true
      await miniflare.dispose()
    },
  }
}

/** Output of the runtime goes to stderr: stdout is for the lines that scripts wait for. */
function showOutput(stream: Readable): void {
  createInterface(stream).on('line', (line) => process.stderr.write(`${line}\n`))
}

/** workerd may share a port that another process has taken; so ask first. */
async function checkAddress(host: string, port: number): Promise<void> {
  const server = createServer()
  await new Promise<void>((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      fail(new StartupError(addressProblem(host, port, error.code))),
    )
    server.listen({ host, port, exclusive: true }, () => server.close(() => done()))
  })
}

function addressProblem(host: string, port: number, code: string | undefined): string {
  if (code === 'EADDRINUSE') return `Port ${port} on ${host} is taken; set PORT to another one.`
  if (code === 'EACCES')
    return `Port ${port} needs rights that this user does not have; set PORT to another one.`
  return `Cannot listen on HOST ${host}, port ${port} (${code}).`
}

const PID_FILE = 'workerd.pid'

/** Time between looks at a process that is ending. */
const ORPHAN_POLL_MS = 20

/** A script that notes the process id of workerd before it becomes workerd; Miniflare does not tell it. */
async function writeLauncher(dataDirectory: string): Promise<string> {
  const requireOfMiniflare = createRequire(import.meta.resolve('miniflare'))
  const workerd = requireOfMiniflare('workerd').default as string
  const launcher = join(dataDirectory, 'start-workerd.sh')
  const script = `#!/bin/sh\necho $$ > "$(dirname "$0")/${PID_FILE}"\nexec "${workerd}" "$@"\n`
  await writeFile(launcher, script)
  await chmod(launcher, 0o755)
  return launcher
}

/** Ends a workerd that outlived its starter (killed alone by SIGKILL): it still has the port and the databases. */
async function endOrphan(dataDirectory: string): Promise<void> {
  const pid = Number(await readFile(join(dataDirectory, PID_FILE), 'utf8').catch(() => Number.NaN))
  if (!Number.isInteger(pid) || pid <= 1) return
  while (isWorkerd(pid)) {
    process.kill(pid, 'SIGKILL')
    await sleep(ORPHAN_POLL_MS)
  }
}

/** Whether a process is a workerd that runs: its id may have gone to another program, or it waits to be reaped. */
function isWorkerd(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-p', String(pid), '-o', 'stat=,args='], { encoding: 'utf8' })
  return Boolean(stdout?.includes('workerd')) && !stdout.trim().startsWith('Z')
}
