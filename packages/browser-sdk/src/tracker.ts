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
import { snapshot } from './core/json.ts'
import type { PageFacts } from './core/page-context.ts'
import { recordOf } from './core/record-of.ts'
import type { Core, Extension, Seams } from './core-parts.ts'
import { startDelivery } from './delivery.ts'
import { type IdentityStore, openIdentity } from './identity-store.ts'
import { IS_LATE } from './is-late.ts'
import { type Late, openLate } from './late.ts'
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
  const { newId, store } = platform
  const { name } = resolved
  const stream = newId()
  const seams: Seams = {}
  const identity = openIdentity(store, name('identity'), newId, seams)
  let seq = 0
  const leftKey = `${name('stub')},${options.stub ?? stream}`
  const late = openLate(store, leftKey, seams)
  const inTurn: Late['inTurn'] = IS_LATE ? late.inTurn : (work) => work()

  function extend(extension?: Extension): void {
    if (IS_LATE) late.end(extension && (() => extension(core)))
    else {
      store.remove(leftKey)
      extension?.(core)?.()
    }
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
    const entry: Entry = { key: uuid, eventJson: '', row: '' }
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
        entry.eventJson = seams.toJson?.(built) ?? JSON.stringify(built)
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
    const { kept, delivered } = delivery.accept(entry, event ? undefined : reason)
    const recorded = Promise.resolve(kept).then(() => ({ event, delivered }))
    if (callback) recorded.then(callback).catch(() => {})
    return recorded
  }

  function callsFrom(origin: EarlierOrigin): EventCalls {
    return recordOf(EVENT_TYPES, (type) => (...args: unknown[]) => {
      if (type === 'group' && args.length === 0) return traitsOf(identity, 'groupId', 'groupTraits')
      const { atMs = platform.now(), page = platform.readPage(), event } = origin
      const uuid = newId()
      const messageId = origin.messageId ?? uuid
      const circumstances = { atMs, page, event, messageId }
      if (!IS_LATE || !late.isWaiting()) return record(type, args, uuid, circumstances)
      const copies = args.map(snapshot)
      const note = { type, timestamp: atMs, context: { page }, messageId, ...event }
      return inTurn(() => record(type, copies, uuid, circumstances), type, note, ...args)
    }) as unknown as EventCalls
  }

  const delivery = startDelivery(resolved, platform, stream, seams, extend)
  const { flush, ready, stats } = delivery
  const tracker = {
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
  if (IS_LATE) {
    late.complete(tracker as never)
    // Then another page may take this one for gone, and make its calls.
    platform.after(WAIT_MS, extend)
  }
  const core: Core = { ...delivery, seams, tracker, options, platform, stream, identity, name }
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
  alter: CallKind['alter'],
): void {
  if (alter) {
    try {
      identity.write(alter(identity.read(), name, data))
    } catch {
      // Traits that cannot be serialised cost the event; the events after it must still carry the right id.
      identity.write(alter(identity.read(), name, {}))
    }
  }
  const anonymousId = toId(options.anonymousId)
  if (anonymousId) identity.write({ ...identity.read(), anonymousId })
}
