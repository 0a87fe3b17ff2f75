import { isJsonObject, type Json, type JsonObject } from '@tributary/protocol'
import type { Brand, ClientHints } from './arrival.ts'

/** Longest list of brands that is read; browsers send three or four. */
const MAX_BRANDS = 16

/** Longest header that is read; browsers send some 100 characters. The pattern is slow on a long one made for it. */
const MAX_HEADER_LENGTH = 1024

/** One member of the list in `Sec-CH-UA`: `"Google Chrome";v="142"` (RFC 8941, lists of strings with parameters). */
const BRAND = /"((?:[^"\\]|\\.)*)"\s*;\s*v="([^"]*)"/g

/** Client Hints from a request's headers; `undefined` where the browser sent none. */
export function hintsInHeaders(header: (name: string) => string | null): ClientHints | undefined {
  const brands = header('sec-ch-ua')
  const platform = readString(header('sec-ch-ua-platform'))
  if (brands === null && platform === undefined) return undefined
  const hints: ClientHints = { brands: readBrands(brands) }
  const fullVersions = header('sec-ch-ua-full-version-list')
  const mobile = header('sec-ch-ua-mobile')
  if (fullVersions !== null) hints.fullVersions = readBrands(fullVersions)
  if (mobile !== null) hints.isMobile = mobile === '?1'
  return withTexts(hints, {
    platform,
    platformVersion: readString(header('sec-ch-ua-platform-version')),
    model: readString(header('sec-ch-ua-model')),
  })
}

/** Client Hints as a page reads them, which analytics-next sends as `context.userAgentData`. */
export function hintsInContext(data: Json | undefined): ClientHints | undefined {
  if (!isJsonObject(data)) return undefined
  const hints: ClientHints = { brands: brandsIn(data.brands) }
  const fullVersions = brandsIn(data.fullVersionList)
  if (fullVersions.length > 0) hints.fullVersions = fullVersions
  if (typeof data.mobile === 'boolean') hints.isMobile = data.mobile
  const { platform, platformVersion, model } = data
  return withTexts(hints, { platform, platformVersion, model })
}

function withTexts(hints: ClientHints, texts: JsonObject): ClientHints {
  const present = Object.entries(texts).filter(([, text]) => typeof text === 'string' && text)
  return { ...hints, ...Object.fromEntries(present) }
}

function readBrands(header: string | null): Brand[] {
  const members = [...(header ?? '').slice(0, MAX_HEADER_LENGTH).matchAll(BRAND)].slice(
    0,
    MAX_BRANDS,
  )
  return members.map(([, brand = '', version = '']) => ({
    brand: brand.replace(/\\(.)/g, '$1'),
    version,
  }))
}

/** A quoted string of a structured header. */
function readString(header: string | null): string | undefined {
  return /^\s*"([^"]*)"/.exec(header ?? '')?.[1]
}

function brandsIn(list: Json | undefined): Brand[] {
  if (!Array.isArray(list)) return []
  return list.slice(0, MAX_BRANDS).flatMap((item) => {
    if (!isJsonObject(item)) return []
    const { brand, version } = item
    return typeof brand === 'string' && typeof version === 'string' ? [{ brand, version }] : []
  })
}
