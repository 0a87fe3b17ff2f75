import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import {
  Miniflare,
  type Request as MiniflareRequest,
  Response as MiniflareResponse,
} from 'miniflare'
import { removeOrphanedBlobs } from './orphaned-blobs.ts'
import { StartupError } from './startup-error.ts'
import { endWorkerd, writeLauncher } from './workerd-process.ts'

/** What the runtime runs with. */
export interface RuntimeOptions {
  host: string
  port: number
  /** Absolute path; databases and lake are kept below it. */
  dataDirectory: string
  /** Folder of a static site to serve beside the collector. */
  siteDirectory: string | undefined
  /** Answers what is below `/server/`. */
  siteServer?: ((request: Request) => Promise<Response>) | undefined
  /** The Worker as one module, where it is not the one of this package: the crash test disturbs the world around it. */
  workerFile?: string
  /** Text bindings of the Worker. */
  bindings: Record<string, string>
  /** Called once if the runtime ends without having been stopped. */
  onExit: () => void
}

/** A collector that runs, or is about to. */
export interface Runtime {
  /** Resolves once it takes requests, with its port. Rejects when it could not start. */
  ready: Promise<number>
  /** Ends it, in whatever state it is. */
  stop(): Promise<void>
}

/** At most a week after the date of the pinned workerd. */
const COMPATIBILITY_DATE = '2026-04-21'

/** As in `examples/edge-collector/wrangler.jsonc`. */
const CRON_INTERVAL_MS = 5 * 60_000

const DIST = dirname(fileURLToPath(import.meta.url))

/**
 * Runs the local Worker in workerd by Miniflare's API: it answered over three times as many requests as behind the
 * proxy of `wrangler dev`, and it is the one place to change should that choice change.
 *
 * @throws StartupError when the address is taken.
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { host, port, dataDirectory, siteDirectory, siteServer, bindings } = options
  const workerFile = options.workerFile ?? join(DIST, 'local-worker.js')
  await endWorkerd(dataDirectory)
  await removeOrphanedBlobs(dataDirectory)
  await checkAddress(host, port)
  process.env.MINIFLARE_WORKERD_PATH = writeLauncher(dataDirectory)
  let isStopping = false

  const miniflare = withoutItsSignalHandlers(
    () =>
      new Miniflare({
        host,
        port,
        modulesRoot: dirname(workerFile),
        modules: [{ type: 'ESModule', path: workerFile }],
        compatibilityDate: COMPATIBILITY_DATE,
        durableObjects: {
          JOURNAL: { className: 'Journal', useSQLite: true },
          PROFILES: { className: 'Profiles', useSQLite: true },
        },
        r2Buckets: ['LAKE'],
        defaultPersistRoot: dataDirectory,
        bindings,
        serviceBindings: {
          ASSETS: { disk: { path: join(DIST, 'assets'), writable: false } },
          ...(siteServer && { SITE_SERVER: answerBy(siteServer) }),
          ...(siteDirectory && { SITE: { disk: { path: siteDirectory, writable: false } } }),
        },
        // Nothing is known of where a request came from. By itself Miniflare asks the network for a sample of
        // `request.cf`, and with `false` it invents one: every event would be from Austin, Texas.
        cf: {},
        handleRuntimeStdio(stdout, stderr) {
          showOutput(stdout)
          showOutput(stderr)
          stderr.once('close', () => {
            if (!isStopping) options.onExit()
          })
        },
      }),
  )
  const cron = setInterval(() => {
    runCron(miniflare).catch((error) => console.error('The cron failed.', error))
  }, CRON_INTERVAL_MS).unref()
  return {
    ready: miniflare.ready.then((url) => Number(url.port)),
    async stop() {
      isStopping = true
      clearInterval(cron)
      // Miniflare waits for a start to be over before it ends what it started; what is acknowledged needs no such care.
      await endWorkerd(dataDirectory)
    },
  }
}

/** Miniflare has a `Request` and a `Response` of its own; bodies are texts. */
function answerBy(server: (request: Request) => Promise<Response>) {
  return async (request: MiniflareRequest): Promise<MiniflareResponse> => {
    const { url, method } = request
    const body = method === 'GET' || method === 'HEAD' ? null : await request.text()
    const answer = await server(new Request(url, { method, body }))
    const headers = { 'content-type': answer.headers.get('content-type') ?? 'text/plain' }
    return new MiniflareResponse(await answer.text(), { status: answer.status, headers })
  }
}

/** Does what Cloudflare does by `triggers.crons`: Miniflare runs no cron by itself. */
async function runCron(miniflare: Miniflare): Promise<void> {
  const worker = await miniflare.getWorker()
  await worker.scheduled({})
}

/** Miniflare sets handlers that end the process with a failure; ending it is for the caller. */
function withoutItsSignalHandlers<T>(create: () => T): T {
  const signals = ['SIGINT', 'SIGTERM'] as const
  const before = new Map(signals.map((signal) => [signal, process.listeners(signal)]))
  const created = create()
  for (const signal of signals) {
    for (const listener of process.listeners(signal)) {
      if (!before.get(signal)?.includes(listener)) process.off(signal, listener)
    }
  }
  return created
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
