import { env } from 'cloudflare:workers'
import {
  type CollectorEnv,
  Journal as CollectorJournal,
  Profiles as CollectorProfiles,
  createCollector,
  defineConfig,
} from '@tributary/collector'
import { serveSite } from './site.ts'
import { verifiedLake } from './verified-lake.ts'

/** The journal, writing to a lake that a full disk cannot damage. */
export class Journal extends CollectorJournal {
  constructor(ctx: DurableObjectState, bindings: CollectorEnv) {
    super(ctx, { ...bindings, LAKE: verifiedLake(bindings.LAKE) })
  }
}

/** The profiles as they are. */
export class Profiles extends CollectorProfiles {}

/** The bindings that `src/runtime.ts` gives. */
interface LocalEnv extends CollectorEnv {
  TRIBUTARY_WRITE_KEY: string
  /** The folder of the demo site, if one is served. */
  SITE?: Fetcher
  /** What of the site runs in Node, if anything does: everything below `/server/`. */
  SITE_SERVER?: Fetcher
}

const { TRIBUTARY_WRITE_KEY } = env as unknown as LocalEnv
const collector = createCollector(
  defineConfig({ sources: [{ id: 'demo', writeKeys: [TRIBUTARY_WRITE_KEY], trustAlias: true }] }),
)

/** The compaction writes to the lake too. */
function verified(bindings: LocalEnv): LocalEnv {
  return { ...bindings, LAKE: verifiedLake(bindings.LAKE) }
}

export default {
  async fetch(request, bindings, context) {
    const { SITE_SERVER } = bindings
    if (SITE_SERVER && new URL(request.url).pathname.startsWith('/server/')) {
      return SITE_SERVER.fetch(request)
    }
    const page = bindings.SITE && (await serveSite(request, bindings.SITE, TRIBUTARY_WRITE_KEY))
    return page ?? collector.fetch(request, verified(bindings), context)
  },
  async scheduled(event, bindings, context) {
    await collector.scheduled(event, verified(bindings), context)
  },
} satisfies ExportedHandler<LocalEnv>
