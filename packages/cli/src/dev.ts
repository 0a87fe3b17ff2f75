import { keepSecrets, openDataDirectory } from './data-directory.ts'
import type { Runtime } from './runtime.ts'
import { readSettings } from './settings.ts'
import { loadSiteServer } from './site-server.ts'
import { StartupError } from './startup-error.ts'

/** What {@link runDev} takes beside the environment. */
export interface DevOptions {
  /**
   * Folder of a static site to serve at `/`; `YOUR_WRITE_KEY` in its pages becomes the write key. A `server.js` in it is run in
   * this process: its `handle(request, { writeKey, endpoint })` answers what is below `/server/`.
   */
  siteDirectory?: string
}

/** Time for our own signal to arrive after the runtime has had one. */
const EXIT_GRACE_MS = 500

/** Runs a collector until it is told to stop, and then ends the process: 0 after SIGINT or SIGTERM, 1 after a failure. */
export async function runDev(options: DevOptions = {}): Promise<void> {
  // Who reads our lines may go away; the collector must not go with them.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  try {
    await start(options)
  } catch (error) {
    if (!(error instanceof StartupError)) throw error
    console.error(error.message)
    process.exit(1)
  }
}

async function start({ siteDirectory }: DevOptions): Promise<void> {
  const read = readSettings(process.env)
  if (!read.ok) throw new StartupError(read.problem)
  const { host, port, dataDirectory, writeKey, adminToken, receiptSecret } = read.settings
  let runtime: Runtime | undefined
  let isStopping = false
  onStop(async () => {
    isStopping = true
    await runtime?.stop()
  })

  const data = await openDataDirectory(dataDirectory)
  const secrets = await keepSecrets(data.path, {
    ...(writeKey && { writeKey }),
    ...(adminToken && { adminToken }),
    ...(receiptSecret && { receiptSecret }),
  })
  const handle = siteDirectory === undefined ? undefined : await loadSiteServer(siteDirectory)
  let url = ''
  // Only now: it takes a second to load, which what is refused before need not wait for.
  const { startRuntime } = await import('./runtime.ts')
  runtime = await startRuntime({
    host,
    port,
    dataDirectory: data.path,
    siteDirectory,
    siteServer:
      handle && ((request) => handle(request, { writeKey: secrets.writeKey, endpoint: url })),
    bindings: {
      TRIBUTARY_WRITE_KEY: secrets.writeKey,
      TRIBUTARY_ADMIN_TOKEN: secrets.adminToken,
      TRIBUTARY_RECEIPT_SECRET: secrets.receiptSecret,
    },
    onExit() {
      // Ctrl-C reaches the runtime too, and its end may be seen before our own signal.
      setTimeout(() => {
        if (isStopping) return
        console.error(
          'The runtime has ended unexpectedly. What was acknowledged is kept; start again.',
        )
        process.exit(1)
      }, EXIT_GRACE_MS)
    },
  })
  const boundPort = await runtime.ready.catch((error) => {
    if (!isStopping) throw error
  })
  if (boundPort === undefined) return
  url = `http://${host.includes(':') ? `[${host}]` : host}:${boundPort}`
  console.log(`tributary ready ${url}`)
  if (siteDirectory) console.log(`  demo shop    ${url}/`)
  console.log(`  console      ${url}/console`)
  console.log(`  events       ${url}/api/events  (Authorization: Bearer <admin token>)`)
  console.log(`  write key    ${secrets.writeKey}`)
  console.log(`  admin token  ${secrets.adminToken}`)
  console.log(`  data         ${data.path}`)
}

/** Ends the process with 0 after the first signal to stop; further ones change nothing. */
function onStop(stop: () => Promise<void>): void {
  let hasBegun = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!hasBegun) void stop().finally(() => process.exit(0))
      hasBegun = true
    })
  }
}
