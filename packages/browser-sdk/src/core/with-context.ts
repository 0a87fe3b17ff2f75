import type { TributaryEvent } from '@tributary/protocol'

/** An event that says more under a name of its context. */
export function withContext(event: TributaryEvent, name: string, more: object): TributaryEvent {
  const { context } = event
  return { ...event, context: { ...context, [name]: { ...(context?.[name] as object), ...more } } }
}
