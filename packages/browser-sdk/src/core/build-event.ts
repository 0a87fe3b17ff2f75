import { type DeliveryContext, type EventType, MAX_MESSAGE_ID_LENGTH } from '@tributary/protocol'
import { attempt } from './attempt.ts'
import { type CallArguments, toId } from './call-arguments.ts'
import type { Identity } from './identity.ts'
import type { PageFields } from './page-context.ts'

/** Everything about an event that is not in the call's arguments. */
export interface Circumstances {
  /** Used unless the options name another. */
  messageId: string
  /** Time of the call, milliseconds since the epoch. */
  calledAtMs: number
  /** The identity after the call's own effect; it must have an `anonymousId`. */
  identity: Identity
  page: PageFields
  /** What is known beside the page: user agent, locale, timezone, library, session… */
  context: Record<string, unknown>
  /** This page load, and the position in it, from 0. */
  delivery: DeliveryContext
}

/** An event on its way to JSON: the fields of the wire, whose values are still as the page gave them. */
export interface BuiltEvent extends Record<string, unknown> {
  type: EventType
  messageId: string
}

/** The whole event, in Segment's wire shape. Throws only where the page's own objects do (a getter, a proxy). */
export function buildEvent(
  type: EventType,
  call: CallArguments,
  circumstances: Circumstances,
): BuiltEvent {
  const { identity, page, delivery, calledAtMs } = circumstances
  // Segment: an option that is not a field of the event belongs to its context.
  const { integrations, timestamp, messageId, anonymousId, userId, context, ...others } =
    call.options
  const given: Record<string, unknown> = { ...(context as object), ...others }
  const ownId = toId(messageId)
  return {
    // Asked first: what `isoTime` catches costs as much as the rest of the call.
    timestamp: (timestamp && isoTime(timestamp)) || isoTime(calledAtMs),
    integrations: integrations ?? {},
    type,
    context: {
      ...circumstances.context,
      ...given,
      page: { ...page, ...(given.page as object) },
      delivery,
    },
    // The collector answers by messageId and hashes a longer one: its verdict could not be matched.
    messageId: ownId && ownId.length <= MAX_MESSAGE_ID_LENGTH ? ownId : circumstances.messageId,
    anonymousId: toId(anonymousId) ?? identity.anonymousId,
    userId: toId(userId) ?? identity.userId,
    ...typeFields(type, call, identity, page),
  }
}

function typeFields(
  type: EventType,
  { name, second, data }: CallArguments,
  identity: Identity,
  page: PageFields,
): Record<string, unknown> {
  switch (type) {
    case 'track':
      return { event: name, properties: data }
    case 'identify':
      return { traits: { ...identity.traits, ...data } }
    case 'group':
      return { groupId: identity.groupId, traits: { ...identity.groupTraits, ...data } }
    case 'alias':
      return { userId: name, previousId: second ?? identity.userId ?? identity.anonymousId }
    default: {
      const names = { ...(second && { category: second }), ...(name && { name }) }
      return { ...names, properties: type === 'page' ? { ...page, ...data, ...names } : data }
    }
  }
}

/** ISO time of a Date, a number of milliseconds or a string that a Date reads; otherwise `undefined`. */
export function isoTime(value: unknown): string | undefined {
  return attempt(() => new Date(value as string | number | Date).toISOString())
}
