import { EVENT_TYPES, type EventType, type TributaryEvent } from '@tributary/protocol'
import { buildEvent } from './core/build-event.ts'
import {
  aliasArguments,
  type CallArguments,
  identifyArguments,
  pageArguments,
  toId,
  trackArguments,
} from './core/call-arguments.ts'
import { createEmitter } from './core/emitter.ts'
import type { DropReason } from './core/ending.ts'
import { entryKey } from './core/entry.ts'
import { type Identity, identifyUser, joinGroup } from './core/identity.ts'
import { type PageFacts, pageContext } from './core/page-context.ts'
import { startDelivery } from './delivery.ts'
import { createHooks } from './hooks.ts'
import { type IdentityStore, openIdentity } from './identity-store.ts'
import { type LoadOptions, resolveOptions } from './options.ts'
import type { Platform } from './platform.ts'
import type { Elements, ForElement, Recorded, Tracker } from './tracker-api.ts'
import { VERSION } from './version.ts'

/** When and where a call was made, if that was before the tracker was there to take it. */
interface CallOrigin {
  /** Milliseconds since the epoch. */
  atMs?: number | undefined
  page?: PageFacts | undefined
}

/** The calls that make an event. */
type EventCalls = Pick<Tracker, EventType>

/** A tracker, and the way in for calls that a stub has kept. */
export interface RunningTracker {
  tracker: Tracker
  /** The six calls as made at an earlier time or place. */
  callsFrom(origin: CallOrigin): EventCalls
  /** Stops for good, and removes everything that was ever stored here: queue, identity, cookies. Events that waited end as `dropped` with `reason`. */
  wipe(reason: DropReason): Promise<void>
}

/** How an event reads its arguments and what it does to the identity. */
interface CallKind {
  resolve(args: readonly unknown[]): CallArguments
  change?(identity: Identity, id: string | undefined, traits: Record<string, unknown>): Identity
}

const CALL_KINDS: Record<EventType, CallKind> = {
  track: { resolve: trackArguments },
  identify: { resolve: identifyArguments, change: identifyUser },
  page: { resolve: pageArguments },
  screen: { resolve: pageArguments },
  group: { resolve: identifyArguments, change: joinGroup },
  alias: { resolve: aliasArguments },
}

/** Starts a tracker on a platform. Throws only for options that can never work. */
export function startTracker(options: LoadOptions, platform: Platform): RunningTracker {
  const resolved = resolveOptions(options)
  const { newId, storage } = platform
  const stream = newId()
  const device = { ...platform.device, library: { name: '@tributary/browser', version: VERSION } }
  const identity = openIdentity(storage, `tributary:identity:${resolved.writeKey}`, newId)
  const emitter = createEmitter()
  const { emit } = emitter
  const hooks = createHooks(options.beforeSend, (error) => emit('error', error))
  const delivery = startDelivery(resolved, platform, stream, emit)
  let seq = 0

  /** The event of a call, after all that may change it. */
  function build(
    type: EventType,
    call: CallArguments,
    messageId: string,
    origin: CallOrigin,
  ): TributaryEvent | DropReason {
    applyToIdentity(identity, call, CALL_KINDS[type].change)
    const event = buildEvent(type, call, {
      messageId,
      calledAtMs: origin.atMs ?? platform.now(),
      identity: identity.read(),
      page: pageContext(origin.page ?? platform.readPage()),
      device,
      stream,
      seq,
    }) as TributaryEvent
    // A copy: what hooks do to the event must not reach the page's own objects.
    return hooks.canChange() ? hooks.run(JSON.parse(JSON.stringify(event))) : event
  }

  function record(type: EventType, args: readonly unknown[], origin: CallOrigin): Recorded {
    const uuid = newId()
    let call: CallArguments | undefined
    let built: TributaryEvent | DropReason = 'unserialisable'
    let entry: { key: string; json: string } | undefined
    try {
      call = CALL_KINDS[type].resolve(args)
      built = build(type, call, uuid, origin)
      if (typeof built === 'object') {
        entry = { key: entryKey(uuid, built.messageId as string), json: JSON.stringify(built) }
        seq++
      }
    } catch {
      // A circular object, a BigInt, a getter or toJSON that throws: the page's affair, and never its crash.
      built = 'unserialisable'
    }
    const event = typeof built === 'object' ? built : undefined
    const { persisted, delivered } = entry
      ? delivery.accept(entry)
      : delivery.drop(uuid, built as DropReason)
    if (event) {
      emit('recorded', event)
      void persisted.then(() => hooks.tell('destination', event))
      void delivered.then(({ outcome }) => /^d[eu]/.test(outcome) && hooks.tell('after', event))
    }
    const recorded = persisted.then(() => ({ event, delivered }))
    if (call?.callback) recorded.then(call.callback).catch(() => {})
    return recorded
  }

  function callsFrom(origin: CallOrigin): EventCalls {
    const calls = EVENT_TYPES.map((type) => [
      type,
      (...args: unknown[]) =>
        type === 'group' && args.length === 0 ? groupOf(identity) : record(type, args, origin),
    ])
    return Object.fromEntries(calls)
  }

  const calls = callsFrom({})

  /** Tracks what `kind` of DOM event happens to the elements. */
  function watch(
    kind: string,
    elements: Elements,
    event: ForElement<string>,
    properties?: ForElement<Record<string, unknown>>,
    options?: Record<string, unknown>,
  ): Tracker {
    const list = elements && 'addEventListener' in elements ? [elements] : (elements ?? [])
    for (const element of Array.from(list as ArrayLike<Element>)) {
      const of = <T>(value: ForElement<T>): T =>
        typeof value === 'function' ? (value as (element: Element) => T)(element) : value
      element.addEventListener(kind, () => {
        try {
          void calls.track(of(event), of(properties), options)
        } catch (cause) {
          emit('error', { code: 'plugin_failed', cause })
        }
      })
    }
    return tracker
  }

  const { flush, ready, stats } = delivery
  const chain =
    (method: 'on' | 'once' | 'off'): Tracker['on'] =>
    (name, listener) => {
      emitter[method](name, listener)
      return tracker
    }
  const tracker: Tracker = {
    ...calls,
    ...identityCalls(identity, emit),
    flush,
    stats,
    ready(callback) {
      if (typeof callback === 'function') ready.then(callback).catch(() => {})
      return ready
    },
    on: chain('on'),
    once: chain('once'),
    off: chain('off'),
    async register(...plugins) {
      for (const plugin of plugins) {
        hooks.add(plugin)
        try {
          plugin.load?.(tracker)
        } catch (cause) {
          emit('error', { code: 'plugin_failed', cause })
        }
      }
    },
    async addSourceMiddleware(middleware) {
      hooks.addMiddleware(middleware)
    },
    debug(on = true) {
      emitter.watch(on ? platform.log : undefined)
    },
    trackLink: (...args) => watch('click', ...args),
    trackForm: (...args) => watch('submit', ...args),
  }
  return { tracker, callsFrom, wipe: delivery.wipe }
}

/** The effect of a call on who the person is, before its event is built. */
function applyToIdentity(
  identity: IdentityStore,
  { name, data, options }: CallArguments,
  change: CallKind['change'],
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

function groupOf(identity: IdentityStore): { id(): string | undefined; traits(): object } {
  return {
    id: () => identity.read().groupId,
    traits: () => ({ ...identity.read().groupTraits }),
  }
}

function identityCalls(
  identity: IdentityStore,
  emit: (name: string) => void,
): Pick<Tracker, 'reset' | 'setAnonymousId' | 'user'> {
  return {
    reset() {
      identity.write({})
      emit('reset')
    },
    setAnonymousId(id) {
      const anonymousId = toId(id)
      if (anonymousId) identity.write({ ...identity.read(), anonymousId })
      return identity.read().anonymousId
    },
    user: () => ({
      id: () => identity.read().userId,
      anonymousId: () => identity.read().anonymousId,
      traits: () => ({ ...identity.read().traits }),
    }),
  }
}
