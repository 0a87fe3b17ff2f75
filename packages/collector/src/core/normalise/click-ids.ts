import type { JsonObject } from '@tributary/protocol'
import { remember } from '../remember.ts'
import { addToContext, contextOf, isAbsent } from '../stored-event.ts'
import { queryParameters } from '../url-text.ts'
import { searchOf } from './page.ts'

/** What ad networks append to a link so as to know the click again: Google, Meta, Microsoft, TikTok, LinkedIn, X. */
const CLICK_IDS = new Set([
  'gclid',
  'gbraid',
  'wbraid',
  'dclid',
  'fbclid',
  'msclkid',
  'ttclid',
  'li_fat_id',
  'twclid',
])

/** All of them end so; most pages have none. */
const MAY_HOLD_CLICK_ID = /(?:clid|braid|clkid|fat_id)=/

/** Different queries whose click ids are remembered. */
const MAX_SEARCHES = 500

/** `context.clickIds` from the page's query, by the parameters' names. */
export function setClickIds(event: JsonObject): JsonObject {
  const search = searchOf(event)
  if (!MAY_HOLD_CLICK_ID.test(search) || !isAbsent(contextOf(event).clickIds)) {
    return event
  }
  const clickIds = clickIdsIn(search)
  return clickIds ? addToContext(event, { clickIds }) : event
}

const clickIdsIn = remember((search: string): JsonObject | null => {
  const found = queryParameters(search, (name) => CLICK_IDS.has(name))
  return Object.keys(found).length > 0 ? found : null
}, MAX_SEARCHES)
