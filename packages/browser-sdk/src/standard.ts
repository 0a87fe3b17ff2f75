import { MAX_MESSAGE_ID_LENGTH, type TributaryEvent } from '@tributary/protocol'
import { log, warn } from './adapters/console.ts'
import { openCookie } from './adapters/cookie.ts'
import { gzipLarge } from './adapters/gzip.ts'
import { readCanonical, readDevice, readScreen } from './adapters/page.ts'
import { openTabs } from './adapters/tabs.ts'
import { clearQueue } from './clear-queue.ts'
import type { Settlement } from './core/decide.ts'
import { createEmitter, type Emitter } from './core/emitter.ts'
import type { Notice } from './core/ending.ts'
import { timeOf } from './core/entry.ts'
import { applyCanonical, followViews, type PageFields } from './core/page-context.ts'
import { toBoundedJson } from './core/truncate.ts'
import type { Core } from './core-parts.ts'
import { createHooks } from './hooks.ts'
import { adoptLanding, forgetLink } from './landing.ts'
import { isOn, numberOr } from './options.ts'
import type { Plugin, SourceMiddleware } from './plugin.ts'
import { openSession } from './session-store.ts'
import { openStreams } from './streams.ts'
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
  log,
  warn,
}

/**
 * What nearly every page wants beside the core: session, campaign and screen; hooks and plugins; links and forms;
 * limits of events and queue; the account of streams; warnings and `debug`.
 */
export function standard(core: Core, surroundings: Surroundings = PAGE): void {
  const emitter = createEmitter()
  core.seams.emit = emitter.emit
  Object.assign(core.tracker, emitter)
  addContext(core, surroundings)
  addHooks(core, emitter)
  addLimits(core)
  const isFresh = addCookie(core, surroundings)
  const hasLanded = surroundings.adoptLanding(core)
  addEnvelope(core, () => isFresh() && !hasLanded)
  addTabs(core, surroundings)
  addConsole(core, emitter, surroundings)
  Object.assign(core.tracker, watchElements(core.tracker, emitter))
  if (isOn(core.options.gzip)) core.platform.post = gzipLarge(core.platform.post)
}

function addContext(
  { seams, platform, options }: Core,
  { readCanonical, readDevice, readScreen }: Surroundings,
): void {
  const { storage, newId } = platform
  const sessionAt = openSession(storage, `tributary:session:${options.writeKey}`, newId)
  const followView = followViews()
  let device: Record<string, unknown> | undefined
  let current: PageFields
  // A page call may speak of another address than the document's (a view of a single-page app); its context then agrees,
  // where the options say nothing else.
  seams.change = (event) => {
    const { page } = { ...event.context } as { page?: Record<string, unknown> }
    if (event.type !== 'page' || !page) return event
    for (const [key, value] of Object.entries(current)) {
      if (page[key] === value) page[key] = event.properties?.[key] ?? value
    }
    return event
  }
  seams.context = (calledAtMs, page) => {
    current = page
    // Segment's stub notes it. Otherwise it is still the page's own, unless that is another by now.
    if (!('canonical' in page)) page.canonical = readCanonical(page.url)
    forgetLink(page)
    applyCanonical(page)
    followView(page)
    const { id, index, campaign, clickIds } = sessionAt(calledAtMs, page.search)
    device ??= readDevice()
    return { ...device, screen: readScreen(), session: { id, index }, campaign, clickIds }
  }
}

function addHooks({ seams, options, tracker }: Core, emitter: Emitter): void {
  const hooks = createHooks(options.beforeSend, (error) => emitter.emit('error', error))
  /** Events that an `after` plugin is to see once they are delivered. */
  const awaited = new Map<string, TributaryEvent>()
  const { change } = seams
  seams.isHooked = hooks.canChange
  seams.change = (event) => {
    change?.(event)
    // A copy: what hooks do to the event must not reach the page's own objects.
    const changed = hooks.canChange() ? hooks.run(JSON.parse(JSON.stringify(event))) : event
    if (typeof changed === 'object' && !isMessageId(changed.messageId)) {
      changed.messageId = event.messageId as string
    }
    return changed
  }
  emitter.on('recorded', (event: TributaryEvent) => {
    hooks.tell('destination', event)
    if (hooks.canChange()) awaited.set(event.messageId as string, event)
  })
  const forget = ({ messageId }: Notice): TributaryEvent | undefined => {
    const event = awaited.get(messageId)
    awaited.delete(messageId)
    return event
  }
  emitter.on('delivered', (notice: Notice) => {
    const event = forget(notice)
    if (event) hooks.tell('after', event)
  })
  emitter.on('rejected', forget)
  emitter.on('dropped', forget)
  Object.assign(tracker, {
    async register(...plugins: Plugin[]) {
      for (const plugin of plugins) {
        hooks.add(plugin)
        try {
          plugin.load?.(tracker)
        } catch (cause) {
          emitter.emit('error', { code: 'plugin_failed', cause })
        }
      }
    },
    async addSourceMiddleware(middleware: SourceMiddleware) {
      hooks.addMiddleware(middleware)
    },
  })
}

/** Whether the collector can answer by it: a longer one it replaces, and half a letter is not written as it is. */
function isMessageId(id: unknown): boolean {
  return typeof id === 'string' && /^\P{Cs}+$/su.test(id) && id.length <= MAX_MESSAGE_ID_LENGTH
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
    await clearQueue(core, ({ key, json }) => {
      length += json.length
      if (platform.now() - timeOf(key) > maxAgeMs) return 'expired'
      return length > maxLength ? 'queue_full' : undefined
    })
  }
}

/**
 * Keeps the anonymous id in a cookie that all subdomains share. The cookie wins: another subdomain, or the collector, has
 * set it.
 *
 * @returns Whether the id has been made in this page, because there was none.
 */
function addCookie(
  { seams, options, identity }: Core,
  { openCookie }: Surroundings,
): () => boolean {
  const cookie = openCookie(options.cookieName ?? 'tributary_id_js', options.cookieDomain)
  const known = cookie.get() ?? identity.peek().anonymousId
  let isFresh = !known
  seams.identified = (anonymousId) => cookie.set(anonymousId ?? '')
  // Also where it is the same: the cookie then lives on.
  if (known) identity.write({ ...identity.peek(), anonymousId: known })
  const answered = seams.answered
  seams.answered = (body) => {
    answered?.(body)
    const { anonymousId } = { ...(body as { anonymousId?: unknown } | undefined) }
    if (!anonymousId || typeof anonymousId !== 'string') return
    isFresh = false
    identity.write({ ...identity.peek(), anonymousId })
  }
  return () => isFresh
}

function addEnvelope(
  { seams, platform, options, stream, identity }: Core,
  isFresh: () => boolean,
): void {
  const streams = openStreams(platform.storage, `tributary:stream:${options.writeKey}:`, stream)
  const asksForCookie = isOn(options.firstParty)
  // Otherwise the key in the body is all that the collector needs.
  if (asksForCookie) platform.credentials = 'include'
  const { answered } = seams
  seams.accepted = streams.note
  seams.answered = (body) => {
    answered?.(body)
    // A collector that refuses the request has not read what it says of streams.
    if ((body as { success?: boolean } | undefined)?.success) streams.confirm()
  }
  seams.envelope = () => ({
    previousStreams: streams.previous(),
    firstParty: asksForCookie ? { id: identity.read().anonymousId, fresh: isFresh() } : undefined,
  })
}

/** The other tabs hear how their events ended, when this one has sent them. */
function addTabs({ seams, options, enter }: Core, { openTabs }: Surroundings): void {
  const tabs = openTabs(`tributary:tabs:${options.writeKey}`, (told) => enter(told as Settlement[]))
  seams.settled = tabs.tell
}

function addConsole({ tracker }: Core, emitter: Emitter, { log, warn }: Surroundings): void {
  const reasons: Record<string, number> = {}
  for (const name of ['rejected', 'dropped']) {
    emitter.on(name, ({ code, reason }: Notice) => {
      const why = code ?? reason ?? name
      reasons[why] = (reasons[why] ?? 0) + 1
      // Once per reason: a call in a loop must not flood the console.
      if (reasons[why] === 1) warn(`Tributary: an event was ${name} (${why}).`)
    })
  }
  const { stats } = tracker
  tracker.stats = () => ({ ...stats(), reasons: { ...reasons } })
  let isDebugging = false
  for (const name of [
    'recorded',
    'persisted',
    'sent',
    'delivered',
    'rejected',
    'dropped',
    'error',
  ]) {
    emitter.on(name, (what: unknown) => isDebugging && log(name, what))
  }
  tracker.debug = (on = true) => {
    isDebugging = on
  }
}
