import { wipe } from '../../clear-queue.ts'
import { takeOverSegment } from '../../segment-stub.ts'
import type { RunningTracker } from '../../tracker.ts'
import type { ConsentOptions, ConsentSource } from '../consent/decisions.ts'
import { type Core, createGate, type Run } from '../consent/gate.ts'
import { fromCallback, fromEvent, fromTcf } from '../consent/sources.ts'
import type { ScriptSettings } from './add-module.ts'

/** What the core's script leaves on the page's stub when its tag has `data-consent`. */
interface Held extends Pick<Core, 'platform'> {
  start(): RunningTracker
  takeOver(tracker: Pick<RunningTracker, 'tracker' | 'callsFrom' | 'extend'>): void
  settings: ScriptSettings & { writeKey: string }
}

const { tributary } = globalThis as unknown as { tributary: Held }
const { platform, settings } = tributary
let running: RunningTracker

function start(): Run {
  running = tributary.start()
  const { tracker, callsFrom, core } = running
  return { tracker, callsFrom, wipe: (reason) => wipe(core, reason) }
}

tributary.takeOver({
  // The standard part looks for the core under the name of the tracker.
  extend: (extension) => running.extend(extension),
  ...createGate({ start, platform }, settings.writeKey, {
    initial: settings.consent as ConsentOptions['initial'],
    required: words(settings.consentRequired),
    gpc: settings.consentGpc as ConsentOptions['gpc'],
    gpcCategories: words(settings.consentGpcCategories),
    remember: settings.consentRemember !== undefined,
    sources: sources(settings),
  }),
})

// Now already: the standard part, which does it otherwise, comes with the grant.
takeOverSegment(
  (globalThis as unknown as { tributary: Parameters<typeof takeOverSegment>[0] }).tributary,
)

function sources({ consentCallback, consentEvent, consentTcf, consentTcfVendor }: ScriptSettings) {
  const found: ConsentSource[] = [fromCallback(consentCallback ?? 'tributaryConsent')]
  if (consentEvent) found.push(fromEvent(consentEvent))
  if (consentTcf !== undefined) {
    found.push(fromTcf(consentTcf ? JSON.parse(consentTcf) : undefined, Number(consentTcfVendor)))
  }
  return found
}

function words(text: string | undefined): string[] | undefined {
  return text?.split(' ')
}
