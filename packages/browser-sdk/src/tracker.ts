import { EVENT_TYPES, type EventType, type TributaryEvent } from '@tributary/protocol'
import { type BuiltEvent, buildEvent } from './core/build-event.ts'
import {
  aliasArguments,
  type CallArguments,
  identifyArguments,
  pageArguments,
  toId,
  trackArguments,
} from './core/call-arguments.ts'
import { entryKey } from './core/entry.ts'
import { type Identity, identifyUser, joinGroup } from './core/identity.ts'
import { type PageFacts, pageContext } from './core/page-context.ts'
import { startDelivery } from './delivery.ts'
import { type IdentityStore, openIdentity } from './identity-store.ts'
import { type LoadOptions, resolveOptions } from './options.ts'
import type { Platform } from './platform.ts'
import type { Recorded, Tracker } from './tracker-api.ts'
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
  const delivery = startDelivery(resolved, platform, stream)
  let seq = 0

  function record(type: EventType, args: readonly unknown[], origin: CallOrigin): Recorded {
    const { resolve, change } = CALL_KINDS[type]
    const uuid = newId()
    let callback: CallArguments['callback']
    let event: BuiltEvent | undefined
    let recorded: Promise<void> | undefined
    try {
      const call = resolve(args)
      callback = call.callback
      applyToIdentity(identity, call, change)
      event = buildEvent(type, call, {
        messageId: uuid,
        calledAtMs: origin.atMs ?? platform.now(),
        identity: identity.read(),
        page: pageContext(origin.page ?? platform.readPage()),
        device,
        stream,
        seq,
      })
      const json = JSON.stringify(event)
      seq++
      recorded = delivery.accept({ key: entryKey(uuid, event.messageId), json })
    } catch {
      // A circular object, a BigInt, a getter or toJSON that throws: the page's affair, and never its crash.
      event = undefined
      delivery.drop('unserialisable')
    }
    const result = Promise.resolve(recorded).then(() => event as TributaryEvent | undefined)
    if (callback) result.then(callback).catch(() => {})
    return result
  }

  function callsFrom(origin: CallOrigin): EventCalls {
    const calls = EVENT_TYPES.map((type) => [
      type,
      (...args: unknown[]) => record(type, args, origin),
    ])
    return Object.fromEntries(calls)
  }

  const { flush, ready, stats } = delivery
  const tracker: Tracker = {
    ...callsFrom({}),
    ...identityCalls(identity),
    flush,
    stats,
    ready(callback) {
      if (typeof callback === 'function') ready.then(callback).catch(() => {})
      return ready
    },
  }
  return { tracker, callsFrom }
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

function identityCalls(
  identity: IdentityStore,
): Pick<Tracker, 'reset' | 'setAnonymousId' | 'user'> {
  return {
    reset: () => identity.write({}),
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
