import type { TributaryEvent } from '@tributary/protocol'
import type { Settlement } from './core/decide.ts'
import type { DropReason } from './core/ending.ts'
import type { PageFacts } from './core/page-context.ts'
import type { Delivery } from './delivery.ts'
import type { IdentityStore } from './identity-store.ts'
import type { LoadOptions, ResolvedOptions } from './options.ts'
import type { Platform } from './platform.ts'
import type { Tracker } from './tracker-api.ts'

/**
 * Where the standard part takes its place in the core, which alone does nothing there. The two are bundles of their
 * own: these names are what they share.
 */
export interface Seams {
  /** Something has happened that {@link Tracker.on} tells of. */
  emit?(name: string, ...args: unknown[]): void
  /** Parts of an event's context; may mend the page. */
  context?(calledAtMs: number, page: PageFacts): Record<string, unknown>
  /** The event that goes on, or why none does. */
  change?(event: TributaryEvent): TributaryEvent | DropReason
  /** Something may change events before they are kept. */
  isHooked?(): boolean
  /** The event as JSON, in its bounds. */
  toJson?(event: TributaryEvent): string
  /** An event is about to be kept, the `seq`th of this page. */
  accepted?(seq: number): void
  /** What a request says beside its events. */
  envelope?(): Record<string, unknown>
  /** Events that other pages made have ended. */
  settled?(others: readonly Settlement[]): void
  /** The anonymous id is another one, or gone. */
  identified?(anonymousId: string | undefined): void
  /** An attempt has brought no verdict. */
  failed?(): Promise<void>
}

/** What the optional parts find in the core. */
export interface Core
  extends Pick<Delivery, 'enter' | 'settle' | 'queue' | 'lastRequest' | 'stop'> {
  seams: Seams
  tracker: Tracker
  options: LoadOptions
  platform: Platform
  /** This page's stream. */
  stream: string
  identity: IdentityStore
  name: ResolvedOptions['name']
}

/** Adds to a core. What it returns is called before the calls that wait: with those of earlier pages. */
// biome-ignore lint/suspicious/noConfusingVoidType: most have nothing to return
export type Extension = (core: Core) => (() => void) | void
