import { readStubCall } from '../../core/stub-call.ts'
import { makeCall } from '../../make-call.ts'
import { startScript } from '../../start-script.ts'
import { startTracker } from '../../tracker.ts'
import { start as clientHints } from './client-hints.ts'
import { start as consent } from './consent.ts'
import { start as engagement } from './engagement.ts'
import { start as errors } from './errors.ts'
import { start as interactions } from './interactions.ts'
import { start as links } from './links.ts'
import { start as overlay } from './overlay.ts'
import { start as pageViews } from './page-views.ts'
import { addStandard, startParts } from './standard.ts'
import { start as webVitals } from './web-vitals.ts'

/** Every part, by the name that a tag has for it. */
const PARTS: Record<string, () => void> = {
  engagement,
  consent,
  'web-vitals': webVitals,
  errors,
  standard: startParts,
  interactions,
  'page-views': pageViews,
  'client-hints': clientHints,
  links,
  overlay,
}

const globals = globalThis as unknown as { tributary: [method: string][] }

/** The script with all that others load from beside themselves: the standard part at once, each other part a moment later. */
export function start(): void {
  // A name that is none is passed over.
  const addPart = (name: string): unknown => Promise.resolve().then(PARTS[name])
  startScript(document.currentScript as HTMLScriptElement | null, addPart, (settings, platform) => {
    const running = startTracker(settings, platform)
    const make = (kept: unknown[]): unknown => makeCall(running, readStubCall(kept))
    running.extend((core) => {
      const recall = addStandard(core, make)
      // As where that part comes later: what may redact is there before calls of earlier pages are made.
      const stub = globals.tributary
      // Behind consent there is a tracker in its place, of which this is empty.
      for (const kept of Array.from(stub)) {
        if (/^(reg|add)/.test(kept[0])) make(stub.splice(stub.indexOf(kept), 1)[0] as unknown[])
      }
      return recall
    })
    addPart('standard')
    return running
  })
}
