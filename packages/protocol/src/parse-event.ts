import { EVENT_TYPES, type EventType } from './events.ts'
import { isDeeperThan, isJsonObject, type JsonObject } from './json.ts'
import { MAX_EVENT_DEPTH } from './limits.ts'
import { accept, type Refusal, type Result, refuse } from './result.ts'

/** Why one event was refused. */
export type EventRefusalCode =
  | 'not_an_object'
  | 'nested_too_deep'
  | 'unknown_type'
  | 'missing_identity'
  | 'missing_event_name'
  | 'missing_user_id'
  | 'missing_group_id'
  | 'missing_previous_id'
  | 'invalid_field'

/** An event that passed {@link parseEvent}: its `type` is known and its shape is right; its values are as they came. */
export interface ParsedEvent extends JsonObject {
  type: EventType
}

/** Fields that must hold an object where they are present. */
const OBJECT_FIELDS = ['properties', 'traits', 'context', 'integrations'] as const

/**
 * Checks one event as it came from outside. Lenient about values, strict about shape:
 * an identifier with a junk value, `null` too, passes (normalisation flags it), an event with no identifier field does not.
 *
 * @param input Anything.
 * @param impliedType The call that the path named (`/v1/track`); it wins over the event's own `type`.
 * @returns The event (a copy only if `type` had to be filled in), or the refusal. Never throws.
 */
export function parseEvent(
  input: unknown,
  impliedType?: EventType,
): Result<ParsedEvent, Refusal<EventRefusalCode>> {
  if (!isJsonObject(input)) return refuse('not_an_object', 'An event must be a JSON object.')
  if (isDeeperThan(input, MAX_EVENT_DEPTH)) {
    return refuse('nested_too_deep', `An event may nest at most ${MAX_EVENT_DEPTH} levels deep.`)
  }
  const type = impliedType ?? input.type
  if (!isEventType(type)) {
    return refuse('unknown_type', `"type" must be one of ${EVENT_TYPES.join(', ')}.`)
  }
  for (const field of OBJECT_FIELDS) {
    if (isPresent(input[field]) && !isJsonObject(input[field])) {
      return refuse('invalid_field', `"${field}" must be an object.`)
    }
  }
  const missing = findMissing(input, type)
  if (missing) return missing
  return accept(input.type === type ? (input as ParsedEvent) : { ...input, type })
}

/** The first thing that an event of this type needs and does not have. An identifier that is `null` or empty is there. */
function findMissing(event: JsonObject, type: EventType) {
  if (type === 'track' && (typeof event.event !== 'string' || event.event === '')) {
    return refuse('missing_event_name', 'A track call needs "event", a string that is not empty.')
  }
  if (type === 'group' && event.groupId === undefined) {
    return refuse('missing_group_id', 'A group call needs "groupId".')
  }
  if (type === 'alias' && event.previousId === undefined) {
    return refuse('missing_previous_id', 'An alias call needs "previousId".')
  }
  if (type === 'alias' && event.userId === undefined) {
    return refuse('missing_user_id', 'An alias call needs "userId", the new id.')
  }
  if (event.userId === undefined && event.anonymousId === undefined) {
    return refuse('missing_identity', 'An event needs "userId" or "anonymousId".')
  }
  return undefined
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null
}

function isEventType(value: unknown): value is EventType {
  return EVENT_TYPES.includes(value as EventType)
}
