import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { runDev } from './dev.ts'
import { runVerify } from './verify.ts'

const HELP = `tributary: first-party event tracking that you own

  tributary dev [--site <folder>]   run a collector on this machine
  tributary verify [--identity <file>] [--candidate <file>]
                                    recompute every profile from the lake and compare; with a candidate, tell what
                                    another identity configuration (JSON) would merge, split and change

Environment of dev:
  PORT                   port to listen on (8787); 0 for any
  HOST                   address to listen on (127.0.0.1)
  TRIBUTARY_DATA         directory of all that is kept (.tributary)
  TRIBUTARY_WRITE_KEY    write key of the source "demo" (generated once, kept)
  TRIBUTARY_ADMIN_TOKEN  token for /api (generated once, kept)
  TRIBUTARY_RECEIPT_SECRET  what receipts of erasures are signed with (generated once, kept)

Environment of verify:
  TRIBUTARY_URL          the collector (http://HOST:PORT)
  TRIBUTARY_ADMIN_TOKEN  its token
`

interface Arguments {
  command: 'dev' | 'verify' | 'help' | undefined
  site?: string | undefined
  identity?: string | undefined
  candidate?: string | undefined
}

function readArguments(): Arguments {
  try {
    const options = {
      site: { type: 'string' },
      identity: { type: 'string' },
      candidate: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    } as const
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    const [command] = positionals
    const isKnown = positionals.length === 1 && (command === 'dev' || command === 'verify')
    if (isKnown && !values.help) return { command, ...values }
    return { command: values.help ? 'help' : undefined }
  } catch {
    return { command: undefined }
  }
}

const { command, ...values } = readArguments()
if (command === 'dev') await runDev(values.site ? { siteDirectory: resolve(values.site) } : {})
else if (command === 'verify') process.exit(await runVerify(process.env, values))
else if (command === 'help') console.log(HELP)
else {
  console.error(HELP)
  process.exit(1)
}
