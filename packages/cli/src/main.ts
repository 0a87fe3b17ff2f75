import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { runDev } from './dev.ts'

const HELP = `tributary: first-party event tracking that you own

  tributary dev [--site <folder>]   run a collector on this machine

Environment of dev:
  PORT                   port to listen on (8787); 0 for any
  HOST                   address to listen on (127.0.0.1)
  TRIBUTARY_DATA         directory of all that is kept (.tributary)
  TRIBUTARY_WRITE_KEY    write key of the source "demo" (generated once, kept)
  TRIBUTARY_ADMIN_TOKEN  token for /api (generated once, kept)
`

function readArguments() {
  try {
    const options = { site: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    return positionals.length === 1 && positionals[0] === 'dev' && !values.help
      ? { command: 'dev' as const, site: values.site }
      : { command: values.help ? ('help' as const) : undefined }
  } catch {
    return { command: undefined }
  }
}

const { command, site } = readArguments()
if (command === 'dev') await runDev(site ? { siteDirectory: resolve(site) } : {})
else if (command === 'help') console.log(HELP)
else {
  console.error(HELP)
  process.exit(1)
}
