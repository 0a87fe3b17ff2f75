import { allJournals } from './adapters/journal-stubs.ts'
import { createApp } from './app.ts'
import { compactClosedDays } from './compact-lake.ts'
import type { ResolvedConfig } from './config.ts'
import type { CollectorEnv } from './env.ts'
import { runWith } from './running-config.ts'

/** The Worker of a collector: `export default createCollector(defineConfig({ … }))`. */
export function createCollector(config: ResolvedConfig): {
  fetch: ExportedHandlerFetchHandler<CollectorEnv>
  scheduled: ExportedHandlerScheduledHandler<CollectorEnv>
} {
  runWith(config)
  const app = createApp(config)
  return {
    fetch: (request, env, context) => app.fetch(request, env, context),
    /** Cron: wakes every journal, in case the platform has given up on an alarm; then compacts for a bounded time. */
    async scheduled(_event, env) {
      await Promise.all(allJournals(env, config.shards).map((journal) => journal.tick()))
      await compactClosedDays(env, config, Date.now)
    },
  }
}
