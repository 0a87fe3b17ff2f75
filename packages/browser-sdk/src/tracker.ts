import type { EventType, TributaryEvent } from '@tributary/protocol'
import { buildEvent } from './core/build-event.ts'
import {
  aliasArguments,
  type CallArguments,
  identifyArguments,
  pageArguments,
  toId,
  trackArguments,
} from './core/call-arguments.ts'
import type { DropReason } from './core/ending.ts'
import { type Entry, entryKey } from './core/entry.ts'
import { type Identity, identifyUser, joinGroup } from './core/identity.ts'
import { jsonOf, snapshot } from './core/json.ts'
import type { PageFacts } from './core/page-context.ts'
import type { Core, Extension, Seams } from './core-parts.ts'
import { startDelivery } from './delivery.ts'
import { type IdentityStore, openIdentity } from './identity-store.ts'
import { type LoadOptions, resolveOptions } from './options.ts'
import type { Platform } from './platform.ts'
import type { Recorded, Tracker } from './tracker-api.ts'
import { VERSION } from './version.ts'

/** When and where a call was made. */
interface CallOrigin {
  /** Milliseconds since the epoch. */
  atMs: number
  page: PageFacts
  /** Of its event, wherever else that may be made too. */
  messageId: string
  /** The event of the call, where it was sent already: it is repeated as it is. */
  event: TributaryEvent | undefined
}

/** What is known of a call from before the tracker was there to take it. */
type EarlierOrigin = { [Field in keyof CallOrigin]?: CallOrigin[Field] | undefined }

/** The calls that make an event. */
type EventCalls = Pick<Tracker, EventType>

/** A tracker, and the way in for calls that a stub has kept. */
export interface RunningTracker {
  tracker: Tracker
  /** The six calls as made at an earlier time or place. */
  callsFrom(origin: EarlierOrigin): EventCalls
  /** Adds to the core, and lets the calls go on that have waited for it. */
  extend(extension?: Extension): void
  core: Core
}

/** Longest wait for the standard part. */
const WAIT_MS = 5000

const LIBRARY = { name: '@tributary/browser', version: VERSION }

/** The calls that come with the standard part; made before, they wait for it. */
const LATER = 'on once off register addSourceMiddleware debug trackLink trackForm'.split(' ')

/** How an event reads its arguments and what it does to the identity. */
interface CallKind {
  readArguments(args: readonly unknown[]): CallArguments
  alter?(identity: Identity, id: string | undefined, traits: Record<string, unknown>): Identity
}

const CALL_KINDS: Record<EventType, CallKind> = {
  track: { readArguments: trackArguments },
  identify: { readArguments: identifyArguments, alter: identifyUser },
  page: { readArguments: pageArguments },
  screen: { readArguments: pageArguments },
  group: { readArguments: identifyArguments, alter: joinGroup },
  alias: { readArguments: aliasArguments },
}

const EVENT_TYPES = Object.keys(CALL_KINDS) as EventType[]

/**
 * Starts a tracker on a platform. Its calls wait until {@link RunningTracker.extend}.
 *
 * @param options Where a stub has left calls in storage, with the name that it gave them.
 */
export function startTracker(
  options: LoadOptions & { stub?: string | undefined },
  platform: Platform,
): RunningTracker {
  const resolved = resolveOptions(options)
  const { newId, storage } = platform
  const { name } = resolved
  const stream = newId()
  const seams: Seams = {}
  const identity = openIdentity(storage, name('identity'), newId, seams)
  let seq = 0
  /** Calls that come with the standard part. */
  const deferred: (() => unknown)[] = []
  /** Something wants to change or drop events. */
  let isHooked = false
  /** What is to happen when it is there, or cannot be waited for any longer. */
  let waiting: (() => void)[] | undefined = []
  /** The same as JSON, as a stub leaves its calls: another page makes them, should this one end without a word. */
  const left: string[] = []
  const leftKey = `${name('stub')},${options.stub ?? stream}`
  let isLeaving = false

  /** Does it now, or after everything that waits. What waits survives the page from the end of the running task on. */
  function inTurn<T>(work: () => T, ...call: unknown[]): T | Promise<T> {
    if (!waiting) return work()
    left.push(jsonOf(call) ?? '[]')
    if (!isLeaving) queueMicrotask(leave)
    isLeaving = true
    return new Promise((resolve) => waiting?.push(() => resolve(work())))
  }

  function leave(): void {
    isLeaving = false
    if (waiting) storage.set(leftKey, `[${left}]`)
  }

  function extend(extension?: Extension): void {
    // It may be there to redact: what waits stays for the next page.
    if (isHooked && !extension) return
    const recall = extension?.(core)
    if (extension) for (const call of deferred.splice(0)) call()
    const works = waiting ?? []
    waiting = undefined
    left.length = 0
    storage.remove(leftKey)
    recall?.()
    for (const work of works) work()
  }

  /** The event of a call, after all that may change it. */
  function build(
    type: EventType,
    call: CallArguments,
    { atMs, page, messageId }: CallOrigin,
  ): TributaryEvent | DropReason {
    applyToIdentity(identity, call, CALL_KINDS[type].alter)
    const fields = { ...page, url: page.url.replace(/#.*/s, '') }
    const event = buildEvent(type, call, {
      messageId,
      calledAtMs: atMs,
      context: { library: LIBRARY, ...seams.context?.(atMs, fields) },
      identity: identity.read(),
      page: fields,
      delivery: { stream, seq },
    }) as TributaryEvent
    return seams.change?.(event) ?? event
  }

  function record(
    type: EventType,
    args: readonly unknown[],
    uuid: string,
    origin: CallOrigin,
  ): Recorded {
    const entry: Entry = { key: uuid, json: '', row: '' }
    let callback: CallArguments['callback']
    let event: TributaryEvent | undefined
    let reason: DropReason = 'unserialisable'
    try {
      const call = CALL_KINDS[type].readArguments(args)
      callback = call.callback
      // What the stub has sent has no place in the stream: met again, it would not be taken for the one that is awaited.
      const built = origin.event ?? build(type, call, origin)
      if (typeof built === 'string') reason = built
      else {
        entry.json = seams.toJson?.(built) ?? JSON.stringify(built)
        entry.key = entryKey(uuid, built.messageId as string)
        event = built
      }
      seams.emit?.(type, ...args)
    } catch {
      // A circular object, a BigInt, a getter or toJSON that throws: the page's affair, and never its crash.
    }
    if (event) {
      if (!origin.event) {
        seams.accepted?.(seq)
        seq++
      }
      seams.emit?.('recorded', event)
    }
    const { persisted, delivered } = delivery.accept(entry, event ? undefined : reason)
    const recorded = Promise.resolve(persisted).then(() => ({ event, delivered }))
    recorded.then(callback).catch(() => {})
    return recorded
  }

  function callsFrom(origin: EarlierOrigin): EventCalls {
    const calls = EVENT_TYPES.map((type) => [
      type,
      (...args: unknown[]) => {
        if (type === 'group' && args.length === 0)
          return traitsOf(identity, 'groupId', 'groupTraits')
        const { atMs = platform.now(), page = platform.readPage(), event } = origin
        const uuid = newId()
        const messageId = origin.messageId ?? uuid
        const circumstances = { atMs, page, event, messageId }
        if (!waiting) return record(type, args, uuid, circumstances)
        const copies = args.map(snapshot)
        const note = { type, timestamp: atMs, context: { page }, messageId, ...event }
        return inTurn(() => record(type, copies, uuid, circumstances), type, note, ...args)
      },
    ])
    return Object.fromEntries(calls)
  }

  const delivery = startDelivery(resolved, platform, stream, seams, extend)
  const { flush, ready, stats } = delivery
  const later = LATER.map((method) => [
    method,
    (...args: unknown[]) => {
      const call = (): unknown => calls[method]?.(...args)
      // The standard part is there, and somebody has kept the function of before.
      if (seams.emit) return call()
      deferred.push(call)
      if (/^(reg|add)/.test(method)) {
        isHooked = left.unshift(`["${method}"]`) > 0
        waiting ??= []
      }
      return tracker
    },
  ])
  const tracker = {
    ...Object.fromEntries(later),
    ...callsFrom({}),
    flush: () => inTurn(flush),
    stats,
    ready(callback: unknown) {
      ready.then(callback as () => void).catch(() => {})
      return ready
    },
    reset() {
      void inTurn(() => {
        identity.write({})
        seams.emit?.('reset')
      }, 'reset')
    },
    setAnonymousId(id: unknown) {
      const anonymousId = toId(id)
      if (anonymousId) {
        const write = (): void => identity.write({ ...identity.read(), anonymousId })
        void inTurn(write, 'setAnonymousId', anonymousId)
      }
      return anonymousId ?? identity.read().anonymousId
    },
    user: () => ({
      ...traitsOf(identity, 'userId', 'traits'),
      anonymousId: () => identity.read().anonymousId,
    }),
  } as unknown as Tracker
  const calls = tracker as unknown as Record<string, (...args: unknown[]) => unknown>
  // Then another page may take this one for gone, and make its calls.
  platform.after(WAIT_MS, extend)
  const core: Core = { ...delivery, seams, tracker, options, platform, stream, identity }
  return { tracker, callsFrom, extend, core }
}

/** What is known of the person or the group. */
function traitsOf(
  identity: IdentityStore,
  id: 'userId' | 'groupId',
  traits: 'traits' | 'groupTraits',
): { id(): string | undefined; traits(): Record<string, unknown> } {
  return { id: () => identity.read()[id], traits: () => ({ ...identity.read()[traits] }) }
}

/** The effect of a call on who the person is, before its event is built. */
function applyToIdentity(
  identity: IdentityStore,
  { name, data, options }: CallArguments,
  change: CallKind['alter'],
): void {
  if (change) {
    try {
      identity.write(change(identity.read(), name, data))
    } catch {
      // Traits that cannot be serialised cost the event; the events after it must still carry the right id.
      identity.write(change(identity.read(), name, {}))
    }
  }
  const anonymousId = toId(options.anonymousId)
  if (anonymousId) identity.write({ ...identity.read(), anonymousId })
}
