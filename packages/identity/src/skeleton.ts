import type { Json, JsonObject } from '@tributary/protocol'
import type { EventFact } from './facts.ts'
import type { Identifier } from './identifiers.ts'
import { fingerprintOf, isProfileId, profileIdOf } from './profile-id.ts'
import { toIso } from './record-time.ts'

/** `type` of a record that is left of an event that was erased. */
export const SKELETON = '$erased'

/**
 * What is left of an erased event (R16): when it was, its id, and of its identifiers types and profile ids, best first. No
 * value of any kind. So a repetition of the event is known for one, and an earlier event of the same person, arriving
 * late, is erased as well.
 *
 * @param messageId As its sender wrote it.
 * @param deletedBy `messageId` of the `$delete` record.
 */
export function skeletonOf(event: EventFact, messageId: string, deletedBy: string): JsonObject {
  const { ids, time, source, alias } = event
  const skeleton: JsonObject = { type: SKELETON, messageId }
  if (source !== undefined) skeleton.source = source
  skeleton.timestamp = toIso(time)
  skeleton.ids = ids.map(toPair)
  if (alias) {
    skeleton.alias = [alias.user, alias.previousUser, alias.previousAnonymous].map(toPair)
  }
  skeleton.deletedBy = deletedBy
  return skeleton
}

function toPair(identifier: Identifier): Json {
  return [identifier.type, profileIdOf(identifier)]
}

/** Reads what {@link skeletonOf} made. */
export function readSkeleton(
  record: JsonObject,
): Pick<EventFact, 'kind' | 'ids' | 'erasedBy' | 'alias' | 'source'> {
  const { source } = record
  const [user, previousUser, previousAnonymous] = readPairs(record.alias)
  return {
    kind: 'event',
    ids: readPairs(record.ids),
    erasedBy: String(record.deletedBy),
    ...(typeof source === 'string' && { source }),
    ...(user &&
      previousUser &&
      previousAnonymous && { alias: { user, previousUser, previousAnonymous } }),
  }
}

function readPairs(pairs: Json | undefined): Identifier[] {
  if (!Array.isArray(pairs)) return []
  return pairs.flatMap((pair) => {
    const [type, profileId] = Array.isArray(pair) ? pair : []
    return typeof type === 'string' && isProfileId(profileId) ? fingerprintOf(profileId, type) : []
  })
}
