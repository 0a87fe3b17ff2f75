import { env } from 'cloudflare:workers'
import {
  type CollectorEnv,
  Journal as CollectorJournal,
  Profiles as CollectorProfiles,
  createCollector,
  defineConfig,
} from '@tributary/collector'
import { verifiedLake } from '../../../packages/cli/worker/verified-lake.ts'
import { type Faults, faults, strikes } from './faults.ts'
import { faultyLake } from './faulty-lake.ts'
import { shiftClock } from './shifted-clock.ts'

/** The profiles as they are. */
export class Profiles extends CollectorProfiles {}

/** The bindings that `../start.mjs` gives. */
interface FaultEnv extends CollectorEnv {
  JOURNAL: DurableObjectNamespace<Journal>
  /** JSON of the {@link Faults} to start with. */
  FAULTS: string
}

Object.assign(faults, JSON.parse((env as unknown as FaultEnv).FAULTS))
shiftClock()

/** Few, so that a short run fills and drains each of them often. */
const SHARDS = 3

const collector = createCollector(
  defineConfig({
    sources: [
      { id: 'web', writeKeys: ['wk_crash_web'] },
      { id: 'app', writeKeys: ['wk_crash_app'] },
    ],
    shards: SHARDS,
  }),
)

/** The journal as it is, in a disturbed world. */
export class Journal extends CollectorJournal {
  constructor(ctx: DurableObjectState, bindings: CollectorEnv) {
    super(ctx, disturbed(bindings))
  }

  /** Takes the alarm away behind the journal's back. */
  async loseAlarm(): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) === null) return
    strikes.alarmLost += 1
    await this.ctx.storage.deleteAlarm()
  }
}

/** The lake as `tributary dev` has it, and faults around it. */
function disturbed<E extends CollectorEnv>(bindings: E): E {
  return { ...bindings, LAKE: faultyLake(verifiedLake(bindings.LAKE)) }
}

type Control = (request: Request, bindings: FaultEnv, context: ExecutionContext) => unknown

/** What only this Worker can be asked for. */
const CONTROLS: Record<string, Control> = {
  '/faults/set': async (request) => Object.assign(faults, await request.json<Partial<Faults>>()),
  '/faults/lose-alarms': (_, { JOURNAL }) =>
    Promise.all(
      Array.from({ length: SHARDS }, (_, shard) =>
        JOURNAL.getByName(`journal-${shard}`).loseAlarm(),
      ),
    ),
  /** What the cron trigger does on the platform. */
  '/faults/cron': (_, bindings, context) =>
    collector.scheduled(
      { cron: '* * * * *', scheduledTime: Date.now(), noRetry: () => undefined },
      disturbed(bindings),
      context,
    ),
  '/faults/strikes': () => strikes,
}

export default {
  async fetch(request, bindings, context) {
    const control = CONTROLS[new URL(request.url).pathname]
    if (control) return Response.json((await control(request, bindings, context)) ?? null)
    return collector.fetch(request, disturbed(bindings), context)
  },
} satisfies ExportedHandler<FaultEnv>
