import { resolve } from 'node:path'
import { Command } from 'commander'

export function devCommand(): Command {
  return new Command('dev')
    .summary('run a collector on this machine')
    .description('Runs a collector on this machine until it is told to stop.')
    .option('--site <folder>', 'folder of a static site to serve at /')
    .addHelpText(
      'after',
      `
Environment:
  PORT                   port to listen on (8787); 0 for any
  HOST                   address to listen on (127.0.0.1)
  TRIBUTARY_DATA         directory of all that is kept (.tributary)
  TRIBUTARY_WRITE_KEY    write key of the source "demo" (generated once, kept)
  TRIBUTARY_ADMIN_TOKEN  token for /api (generated once, kept)
  TRIBUTARY_RECEIPT_SECRET  what receipts of erasures are signed with (generated once, kept)

Examples:
  tributary dev
  PORT=9000 tributary dev --site public`,
    )
    .action(async ({ site }: { site?: string }) => {
      // The runtime is large; no other command waits for it.
      const { runDev } = await import('../dev.ts')
      await runDev(site ? { siteDirectory: resolve(site) } : {})
    })
}
