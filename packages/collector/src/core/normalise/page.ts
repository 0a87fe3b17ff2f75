import { isJsonObject, type JsonObject } from '@tributary/protocol'
import { contextOf, isAbsent, missingIn } from '../stored-event.ts'
import { splitUrl } from '../url-text.ts'

const PAGE_FIELDS = ['path', 'referrer', 'search', 'title', 'url'] as const

/**
 * The page in `context.page`, for page calls in `properties` too: each is completed from the other, if both speak of one
 * URL, and then from its own URL.
 */
export function setPage(event: JsonObject): JsonObject {
  const context = contextOf(event)
  const page = pageOf(event)
  if (!page && !isAbsent(context.page)) return event
  const properties =
    event.type === 'page' && isJsonObject(event.properties) ? event.properties : undefined
  const completePage = complete(page, properties)
  const withPage =
    completePage === page ? event : { ...event, context: { ...context, page: completePage } }
  if (event.type !== 'page') return withPage
  const completeProperties = complete(properties, completePage)
  return completeProperties === properties
    ? withPage
    : { ...withPage, properties: completeProperties }
}

/** The text of the page's query; empty where there is none. */
export function searchOf(event: JsonObject): string {
  const page = pageOf(event)
  return typeof page?.search === 'string' ? page.search : ''
}

/** The event's `context.page`, if it has one. */
export function pageOf(event: JsonObject): JsonObject | undefined {
  const { page } = contextOf(event)
  return isJsonObject(page) ? page : undefined
}

function complete(
  own: JsonObject | undefined,
  other: JsonObject | undefined,
): JsonObject | undefined {
  const isSamePage = !own?.url || !other?.url || own.url === other.url
  const given = other && isSamePage ? missingIn(own ?? {}, pageFields(other)) : undefined
  const filled = given ? { ...own, ...given } : own
  if (typeof filled?.url !== 'string') return filled
  if (typeof filled.path === 'string' && typeof filled.search === 'string') return filled
  const parts = splitUrl(filled.url)
  if (!parts) return filled
  const derived = missingIn(filled, { path: parts.path, search: parts.search })
  return derived ? { ...filled, ...derived } : filled
}

function pageFields(holder: JsonObject): JsonObject {
  const fields: JsonObject = {}
  for (const field of PAGE_FIELDS) {
    if (typeof holder[field] === 'string') fields[field] = holder[field]
  }
  return fields
}
