import { isJsonObject, type JsonObject } from '@tributary/protocol'
import { addFlag, keepSentContext } from './stored-event.ts'

/**
 * Takes `context.trusted` out of what an untrusted key has sent: identity rule R4 may take e-mail addresses and phone
 * numbers only from events that have it. What it was stays in `_tributary.sent`.
 */
export function removeUntrusted(
  event: JsonObject,
  { isTrusted = false }: { isTrusted?: boolean },
): JsonObject {
  const { context } = event
  if (isTrusted || !isJsonObject(context) || context.trusted === undefined) return event
  const { trusted, ...rest } = context
  const kept = keepSentContext({ ...event, context: rest }, 'trusted', trusted)
  return addFlag(kept, 'trusted_removed')
}

/**
 * Flags an `alias` of an untrusted key: anyone can read a public key out of a page, and could join two users. It is stored, and
 * the rules of identity join no users by it (R9). What it says of a device, any other event could say as well.
 */
export function flagUntrustedAlias(
  event: JsonObject,
  { isTrusted = false }: { isTrusted?: boolean },
): JsonObject {
  return event.type === 'alias' && !isTrusted ? addFlag(event, 'alias_untrusted') : event
}
