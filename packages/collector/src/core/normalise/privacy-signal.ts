import type { JsonObject } from '@tributary/protocol'
import type { Arrival } from '../arrival.ts'
import { contextOf, replaceInContext } from '../stored-event.ts'

/** `context.gpc`: the browser asked not to sell or share (Global Privacy Control). Its word counts, and not the page's. */
export function setPrivacySignal(event: JsonObject, { device }: Arrival): JsonObject {
  return device?.gpc && contextOf(event).gpc !== true ? replaceInContext(event, 'gpc', true) : event
}
