import { isOn } from '../../options.ts'
import { takeOverSegment } from '../../segment-stub.ts'
import type { Held, PageTracker, ScriptSettings } from '../../start-script.ts'
import type { ConsentOptions, ConsentSource } from '../consent/decisions.ts'
import { createGate } from '../consent/gate.ts'
import { fromCallback, fromEvent, fromTcf } from '../consent/sources.ts'
import { words } from '../core/words.ts'

const globals = globalThis as unknown as { tributary: Held | PageTracker }

/** Puts the gate in the place of the stub. */
export function start(): void {
  const held = globals.tributary as Held
  const { settings } = held
  held.takeOver(
    createGate(held, settings.writeKey, {
      initial: settings.consent as ConsentOptions['initial'],
      required: words(settings.consentRequired),
      gpc: settings.consentGpc as ConsentOptions['gpc'],
      gpcCategories: words(settings.consentGpcCategories),
      remember: isOn(settings.consentRemember),
      sources: sources(settings),
    }),
  )
  // Now already: the standard part, which does it otherwise, comes with the grant.
  takeOverSegment(globals.tributary as PageTracker)
}

function sources({ consentCallback, consentEvent, consentTcf, consentTcfVendor }: ScriptSettings) {
  const found: ConsentSource[] = [fromCallback(consentCallback ?? 'tributaryConsent')]
  if (consentEvent) found.push(fromEvent(consentEvent))
  if (consentTcf !== undefined) {
    found.push(fromTcf(consentTcf ? JSON.parse(consentTcf) : undefined, Number(consentTcfVendor)))
  }
  return found
}
