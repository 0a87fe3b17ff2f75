import { isJsonObject, type JsonObject } from '@tributary/protocol'
import { remember } from '../remember.ts'
import { addToContext, contextOf } from '../stored-event.ts'
import { queryParameters } from '../url-text.ts'
import { searchOf } from './page.ts'

const PREFIX = 'utm_'

/** Different queries whose campaign is remembered. */
const MAX_SEARCHES = 500

/**
 * `context.campaign` from the page's query: `utm_campaign` as `name`, any other `utm_x` as `x`. Also in place of an
 * empty object, which analytics-next sends where it found nothing.
 */
export function setCampaign(event: JsonObject): JsonObject {
  const search = searchOf(event)
  if (!search.includes(PREFIX)) return event
  const sent = contextOf(event).campaign ?? {}
  if (!isJsonObject(sent) || Object.keys(sent).length > 0) return event
  const campaign = campaignIn(search)
  return campaign ? addToContext(event, { campaign }) : event
}

const campaignIn = remember((search: string): JsonObject | null => {
  const entries = Object.entries(queryParameters(search, isCampaignParameter))
  if (entries.length === 0) return null
  return Object.fromEntries(entries.map(([name, value]) => [fieldOf(name), value]))
}, MAX_SEARCHES)

function isCampaignParameter(name: string): boolean {
  return name.startsWith(PREFIX) && name.length > PREFIX.length
}

function fieldOf(parameter: string): string {
  const field = parameter.slice(PREFIX.length)
  return field === 'campaign' ? 'name' : field
}
