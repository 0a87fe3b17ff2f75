import type { takeOver } from '../../take-over.ts'
import type { ConsentOptions, ConsentSource } from '../consent/decisions.ts'
import { type Core, createGate } from '../consent/gate.ts'
import { fromCallback, fromEvent, fromTcf } from '../consent/sources.ts'
import type { ScriptSettings } from './add-module.ts'

/** What the core's script leaves on the page's stub when its tag has `data-consent`. */
interface Held extends Core {
  takeOver: typeof takeOver
  settings: ScriptSettings & { writeKey: string }
}

const { tributary } = globalThis as unknown as { tributary: Held }
const { settings } = tributary

tributary.takeOver(
  createGate(tributary, settings.writeKey, {
    initial: settings.consent as ConsentOptions['initial'],
    required: words(settings.consentRequired),
    gpc: settings.consentGpc as ConsentOptions['gpc'],
    gpcCategories: words(settings.consentGpcCategories),
    remember: settings.consentRemember !== undefined,
    sources: sources(settings),
  }),
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
