import { type EventContext, type EventType, isJsonObject } from '@tributary/protocol'

/** What calls made while a request is handled have in common. */
export interface CallContext {
  /** The person as your own systems know them. */
  userId?: string
  /** The person's browser, from its cookie. */
  anonymousId?: string
  /** Circumstances of the request: `ip`, `userAgent`, `locale`, `page`. */
  context?: EventContext
  /** Stands for the person where neither the call nor the request has an id. The middleware makes one for each request. */
  fallbackAnonymousId?: string
}

/** A context with the fields of another over it; `context`, and the objects in it, are merged one level deep each. */
export function mergeContext(base: CallContext, over: CallContext): CallContext {
  const merged = { ...base }
  for (const key of ['userId', 'anonymousId', 'fallbackAnonymousId'] as const) {
    if (over[key]) merged[key] = over[key]
  }
  if (over.context) merged.context = mergeEventContext(base.context, over.context)
  return merged
}

function mergeEventContext(base: EventContext | undefined, over: EventContext): EventContext {
  const merged: EventContext = { ...base }
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue
    const below = merged[key]
    merged[key] = isJsonObject(below) && isJsonObject(value) ? { ...below, ...value } : value
  }
  return merged
}

/** The fields of a call that a {@link CallContext} can fill in. */
interface FillableCall {
  userId?: string | null | undefined
  anonymousId?: string | null | undefined
  context?: EventContext | undefined
}

/**
 * A call with what it leaves open filled in from the request. A request is one person's, so a call
 * that names another gets nothing of it: otherwise the two would be taken for one. A `userId` beside a
 * request that has none is a person who logs in; the browser's id goes with it and joins the two.
 */
export function fillCall<Call extends FillableCall>(
  type: EventType,
  call: Call,
  request: CallContext,
): Call {
  if (!isJsonObject(call) || isOfAnother(call, request)) return call
  // Both ids of an alias are its own.
  const { userId, anonymousId } = type === 'alias' ? call : idsFor(call, request)
  const { context } = request
  // Not copied where it is all there is: nobody writes into it, and this is done at each call.
  const merged =
    context && isJsonObject(call.context) ? mergeEventContext(context, call.context) : context
  // The fields that are written stand before the call's own: behind a spread, V8 takes 1.3 µs for them instead of 0.05.
  const filled: FillableCall = {
    userId: undefined,
    anonymousId: undefined,
    context: undefined,
    ...call,
  }
  filled.userId = userId
  filled.anonymousId = anonymousId
  if (merged) filled.context = merged
  return filled as Call
}

function isOfAnother({ userId, anonymousId }: FillableCall, request: CallContext): boolean {
  if (userId && request.userId) return userId !== request.userId
  return Boolean(anonymousId && request.anonymousId && anonymousId !== request.anonymousId)
}

/** The ids of a call, and what the request has of those that it leaves open. */
function idsFor(
  call: FillableCall,
  request: CallContext,
): Pick<FillableCall, 'userId' | 'anonymousId'> {
  const { anonymousId } = call
  const isSameBrowser = !anonymousId || anonymousId === request.anonymousId
  const userId = call.userId || (isSameBrowser ? request.userId : undefined)
  if (anonymousId) return { userId, anonymousId }
  const known = request.anonymousId ?? (userId ? undefined : request.fallbackAnonymousId)
  return { userId, anonymousId: known }
}
