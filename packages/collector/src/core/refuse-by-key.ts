import { isJsonObject, type Json, type Refusal } from '@tributary/protocol'
import type { Sender } from './sender.ts'

/** Records that erase, suppress and separate people. They are made by `/api/privacy` alone, which has a token of its own. */
const CONTROL_RECORDS: readonly (Json | undefined)[] = [
  '$unlink',
  '$delete',
  '$suppress',
  '$unsuppress',
  '$erased',
]

/** What no event may do, whatever key it came with: anyone can read a public key out of a page. */
export function refuseByKey(
  event: unknown,
  { isServerKey }: Pick<Sender, 'isServerKey'>,
): Refusal<'control_record_not_allowed'> | undefined {
  if (!isJsonObject(event)) return undefined
  if (!CONTROL_RECORDS.includes(event.type) && !CONTROL_RECORDS.includes(event.event)) {
    return undefined
  }
  const message = isServerKey
    ? 'Control records are not sent as events: use /api/privacy.'
    : 'Control records are not taken from a public key.'
  return { code: 'control_record_not_allowed', message }
}
