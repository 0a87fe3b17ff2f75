import { log, warn } from './adapters/console.ts'
import { openCookie } from './adapters/cookie.ts'
import { postLater } from './adapters/fetch-later.ts'
import { gzipLarge } from './adapters/gzip.ts'
import { readCanonical, readDevice, readScreen } from './adapters/page.ts'
import { openTabs } from './adapters/tabs.ts'
import { clearQueue } from './clear-queue.ts'
import { addContext } from './context.ts'
import type { Settlement } from './core/decide.ts'
import { createEmitter, type Emitter } from './core/emitter.ts'
import type { Notice } from './core/ending.ts'
import { timeOf } from './core/entry.ts'
import { toBoundedJson } from './core/truncate.ts'
import type { Core } from './core-parts.ts'
import { addEnvelope } from './envelope.ts'
import { addHooks } from './hooks.ts'
import { adoptLanding } from './landing.ts'
import { addLastRequest } from './last-request.ts'
import { isOn, numberOr } from './options.ts'
import { watchElements } from './watch-elements.ts'

/** Characters of an event beyond which its largest fields are cut: it still fits a request that outlives the page. */
const MAX_EVENT_LENGTH = 32 * 1024
/** Least time between two looks for what is too old in the queue, or too much. */
const TRIM_INTERVAL_MS = 60_000
const WEEK_MS = 7 * 86_400_000
const DEFAULT_QUEUE_LENGTH = 4 * 1024 * 1024

/** What the standard part needs of the page, beside the core's platform. */
export interface Surroundings {
  openCookie: typeof openCookie
  openTabs: typeof openTabs
  readCanonical: typeof readCanonical
  readDevice: typeof readDevice
  readScreen: typeof readScreen
  adoptLanding: typeof adoptLanding
  /** Where there is one. */
  postLater: typeof postLater
  log: typeof log
  warn: typeof warn
}

const PAGE: Surroundings = {
  openCookie,
  openTabs,
  readCanonical,
  readDevice,
  readScreen,
  adoptLanding,
  postLater,
  log,
  warn,
}

/**
 * What nearly every page wants beside the core: session, campaign and screen; hooks and plugins; links and forms;
 * limits of events and queue; the account of streams; warnings and `debug`.
 *
 * @returns To be called before the calls that have waited: takes the ids that the address has brought.
 */
export function standard(core: Core, surroundings: Surroundings = PAGE): () => void {
  const { tracker, platform, options, seams, enter, name } = core
  const emitter = createEmitter()
  addConsole(core, emitter, surroundings)
  const onError = (cause: unknown): void => emitter.emit('error', { code: 'plugin_failed', cause })
  Object.assign(tracker, emitter, watchElements(tracker, onError))
  addContext(core, surroundings)
  addHooks(core, emitter, onError)
  addLimits(core)
  if (surroundings.postLater) addLastRequest(core, emitter, surroundings.postLater)
  const adopt = addEnvelope(core, surroundings)
  // The other tabs hear how their events ended, when this one has sent them.
  seams.settled = surroundings.openTabs(name('tabs'), (told) => enter(told as Settlement[])).tell
  if (isOn(options.gzip)) platform.post = gzipLarge(platform.post)
  return () => adopt(surroundings.adoptLanding(core))
}

function addLimits(core: Core): void {
  const { seams, options, platform } = core
  const maxAgeMs = numberOr(WEEK_MS, options.maxEventAgeMs)
  const maxLength = numberOr(DEFAULT_QUEUE_LENGTH, options.maxQueueBytes)
  let nextAt = 0
  seams.toJson = (event) => toBoundedJson(event, MAX_EVENT_LENGTH)
  seams.failed = async () => {
    if (platform.elapsed() < nextAt) return
    nextAt = platform.elapsed() + TRIM_INTERVAL_MS
    let length = 0
    await clearQueue(core, ({ key, eventJson }) => {
      length += eventJson.length
      if (platform.now() - timeOf(key) > maxAgeMs) return 'expired'
      return length > maxLength ? 'queue_full' : undefined
    })
  }
}

function addConsole({ seams, tracker }: Core, emitter: Emitter, { log, warn }: Surroundings): void {
  const { stats } = tracker
  const { emit } = emitter
  const reasons: Record<string, number> = {}
  const warned = new Set<string>()
  let isDebugging = false
  for (const name of ['rejected', 'dropped']) {
    emitter.on(name, ({ code, reason }: Notice, isOwn: boolean) => {
      const why = code ?? reason ?? name
      if (isOwn) reasons[why] = (reasons[why] ?? 0) + 1
      // Once per reason: a call in a loop must not flood the console.
      if (!warned.has(why)) warn(`Tributary: an event was ${name} (${why}).`)
      warned.add(why)
    })
  }
  seams.emit = emitter.emit = (name, ...args) => {
    if (isDebugging) log(name, ...args)
    emit(name, ...args)
  }
  tracker.stats = () => ({ ...stats(), reasons: { ...reasons } })
  tracker.debug = (on = true) => {
    isDebugging = on
  }
}
