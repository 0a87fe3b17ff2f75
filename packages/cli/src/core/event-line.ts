import type { JsonObject } from '@tributary/protocol'

/** The parts of a stored event that tell it apart at a glance. */
export interface EventLine {
  time: string
  type: string
  name: string
  who: string
  details: string
}

/** An event in one line of a terminal. Control characters are taken out: what a visitor sent must not steer it. */
export function eventLine(event: JsonObject): EventLine {
  const { type, timestamp, receivedAt, event: called, name, properties, traits } = event
  const path = (properties as JsonObject | undefined)?.path
  const details = properties ?? traits
  return {
    time: clean(timestamp ?? receivedAt),
    type: clean(type),
    name: clean(called ?? name ?? path ?? event.groupId ?? event.previousId),
    who: clean(event.userId ?? event.anonymousId),
    details: details === undefined ? '' : clean(JSON.stringify(details)),
  }
}

/** A value as one line without anything that a terminal obeys. */
export function clean(value: unknown): string {
  if (value === undefined || value === null) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
}
