import { type EventType, isJsonObject, type Json, type Refusal } from '@tributary/protocol'
import type { Sender } from './sender.ts'

/** Records that erase, suppress and separate people. They are made by `/api/privacy` alone, which has a token of its own. */
const CONTROL_RECORDS: readonly (Json | undefined)[] = [
  '$unlink',
  '$delete',
  '$suppress',
  '$unsuppress',
]

/**
 * What an event may not do with the key it came with: anyone can read a public key out of a page, and with `alias`
 * could join two people.
 *
 * @param impliedType The call that the path named; it wins over the event's own `type`.
 */
export function refuseByKey(
  event: unknown,
  impliedType: EventType | undefined,
  { isTrusted, isServerKey }: Pick<Sender, 'isTrusted' | 'isServerKey'>,
): Refusal<'control_record_not_allowed' | 'alias_not_allowed'> | undefined {
  if (!isJsonObject(event)) return undefined
  if (CONTROL_RECORDS.includes(event.type) || CONTROL_RECORDS.includes(event.event)) {
    const message = isServerKey
      ? 'Control records are not sent as events: use /api/privacy.'
      : 'Control records are not taken from a public key.'
    return { code: 'control_record_not_allowed', message }
  }
  if ((impliedType ?? event.type) === 'alias' && !isTrusted) {
    const message = 'alias needs a server key, or a source with "trustAlias".'
    return { code: 'alias_not_allowed', message }
  }
  return undefined
}
