import { keepSecrets, openDataDirectory } from './data-directory.ts'
import { startRuntime } from './runtime.ts'
import { readSettings } from './settings.ts'
import { StartupError } from './startup-error.ts'

/** What {@link runDev} takes beside the environment. */
export interface DevOptions {
  /** Folder of a static site to serve at `/`; `YOUR_WRITE_KEY` in its pages becomes the write key. */
  siteDirectory?: string
}

/** Runs a collector until it is told to stop, and then ends the process: 0 after SIGINT or SIGTERM, 1 after a failure. */
export async function runDev(options: DevOptions = {}): Promise<void> {
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
  const { host, port, dataDirectory, writeKey, adminToken } = read.settings
  const data = await openDataDirectory(dataDirectory)
  const secrets = await keepSecrets(data.path, {
    ...(writeKey && { writeKey }),
    ...(adminToken && { adminToken }),
  })
  const runtime = await startRuntime({
    host,
    port,
    dataDirectory: data.path,
    siteDirectory,
    bindings: {
      TRIBUTARY_WRITE_KEY: secrets.writeKey,
      TRIBUTARY_ADMIN_TOKEN: secrets.adminToken,
    },
    onExit() {
      // Ctrl-C reaches the runtime too, and its end may be seen before our own signal.
      setTimeout(() => {
        console.error(
          'The runtime has ended unexpectedly. What was acknowledged is kept; start again.',
        )
        process.exit(1)
      }, 500)
    },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      void runtime.stop().finally(() => {
        data.release()
        process.exit(0)
      })
    })
  }
  console.log(`tributary ready ${runtime.url}`)
  if (siteDirectory) console.log(`  demo shop    ${runtime.url}/`)
  console.log(`  events       ${runtime.url}/api/events  (Authorization: Bearer <admin token>)`)
  console.log(`  write key    ${secrets.writeKey}`)
  console.log(`  admin token  ${secrets.adminToken}`)
  console.log(`  data         ${data.path}`)
}
