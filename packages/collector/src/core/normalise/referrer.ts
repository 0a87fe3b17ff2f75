import { isJsonObject, type Json, type JsonObject } from '@tributary/protocol'
import { siteOf } from '../site.ts'
import { contextOf, missingIn } from '../stored-event.ts'
import { splitUrl } from '../url-text.ts'
import { pageOf } from './page.ts'
import { typeOfHost } from './referral-sources.ts'

/**
 * `context.referrer`: where the page was reached from, as `url`, `domain` and `type` (`search`, `social`, `video`,
 * `shopping`, `ai`, `email`, `internal` for the page's own site, else `other`). From the page's referrer, or from the
 * `url` of a referrer that the client has sent.
 */
export function setReferrer(event: JsonObject): JsonObject {
  const context = contextOf(event)
  const page = pageOf(event)
  const sent = context.referrer ?? undefined
  if (!page || (sent !== undefined && !isJsonObject(sent))) return event
  const url = sent?.url ?? page.referrer
  const host = hostOf(url)
  if (url === undefined || host === undefined) return event
  const facts = { url, domain: host, type: typeOf(host, hostOf(page.url)) }
  const missing = missingIn(sent ?? {}, facts)
  return missing ? { ...event, context: { ...context, referrer: { ...sent, ...missing } } } : event
}

function typeOf(host: string, pageHost: string | undefined): string {
  const isInternal = pageHost !== undefined && siteOf(pageHost) === siteOf(host)
  return isInternal ? 'internal' : typeOfHost(host)
}

function hostOf(url: Json | undefined): string | undefined {
  return typeof url === 'string' ? splitUrl(url)?.host : undefined
}
