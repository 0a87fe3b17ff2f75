import type { EventContext, PageContext } from '@tributary/protocol'
import type { CallContext } from './call-context.ts'

/** Options of the middleware for Hono and Express. */
export interface RequestOptions {
  /**
   * How many proxies of your own stand in front; default 0, which believes no header and takes the
   * socket's address. With more, the address is that many places from the end of `X-Forwarded-For`, and
   * scheme and host of the page are those of `X-Forwarded-Proto` and `X-Forwarded-Host`.
   */
  proxies?: number
  /**
   * A header with the address that whoever stands in front always sets itself, for example
   * `cf-connecting-ip` behind Cloudflare; default none. Anyone who can go around it can forge it.
   */
  ipHeader?: string
  /**
   * Cookies with the browser's anonymous id, the first that is there wins; default `tributary_id_js`,
   * which the browser SDK writes, then `tributary_id`, which the collector sets out of scripts' reach.
   */
  cookies?: readonly string[]
}

/** {@link RequestOptions}, checked and with the defaults filled in. */
export type RequestSettings = Required<Omit<RequestOptions, 'ipHeader'>> & {
  ipHeader: string | undefined
}

/** What is read of a request. */
export interface RequestFacts {
  /** Absolute, as the server sees it. */
  url: string
  /** A header's value by its name in lower case; several of one name joined by commas. */
  header(name: string): string | null | undefined
  /** Address of the other end of the connection. */
  remoteAddress: string | undefined
}

const DEFAULT_COOKIES = ['tributary_id_js', 'tributary_id']

/** No id that the SDKs make is longer; a cookie is whatever the visitor wants it to be. */
const MAX_COOKIE_ID_LENGTH = 256

/** @throws {Error} For an option that cannot work; the message names it. */
export function readRequestOptions(options: RequestOptions = {}): RequestSettings {
  const { proxies = 0, ipHeader, cookies = DEFAULT_COOKIES } = options
  if (!Number.isInteger(proxies) || proxies < 0) {
    throw new Error('The Tributary option "proxies" must be a whole number of at least 0.')
  }
  if (ipHeader !== undefined && (typeof ipHeader !== 'string' || ipHeader === '')) {
    throw new Error('The Tributary option "ipHeader" must be the name of a header.')
  }
  if (!Array.isArray(cookies) || cookies.some((name) => typeof name !== 'string' || name === '')) {
    throw new Error('The Tributary option "cookies" must be a list of names.')
  }
  return { proxies, ipHeader: ipHeader?.toLowerCase(), cookies }
}

/** What a request tells of the person who makes it. */
export function describeRequest(facts: RequestFacts, settings: RequestSettings): CallContext {
  const context: EventContext = {}
  const ip = ipOf(facts, settings)
  if (ip) context.ip = ip
  const userAgent = facts.header('user-agent')
  if (userAgent) context.userAgent = userAgent
  const locale = localeOf(facts.header('accept-language'))
  if (locale) context.locale = locale
  const page = pageOf(facts, settings)
  if (page) context.page = page as PageContext & EventContext
  const anonymousId = readCookie(facts.header('cookie') ?? '', settings.cookies)
  return anonymousId === undefined ? { context } : { context, anonymousId }
}

function ipOf({ header, remoteAddress }: RequestFacts, settings: RequestSettings) {
  const { ipHeader, proxies } = settings
  if (ipHeader !== undefined) return cleanIp(header(ipHeader) ?? undefined)
  const forwarded = proxies > 0 ? (header('x-forwarded-for') ?? '') : ''
  if (forwarded.trim() === '') return cleanIp(remoteAddress)
  // Each proxy appends the address that it sees; what is left of ours is the visitor's own word.
  const addresses = forwarded.split(',')
  return cleanIp(addresses[Math.max(0, addresses.length - proxies)])
}

/** An address without port, brackets and the prefix of IPv4 in IPv6; undefined for what is no address. */
function cleanIp(given: string | undefined): string | undefined {
  const text = given?.trim() ?? ''
  const bare = /^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? text
  const ip = bare.replace(/^::ffff:(?=\d+\.)/i, '').replace(/^([\d.]+):\d+$/, '$1')
  const isV4 = /^\d{1,3}(\.\d{1,3}){3}$/.test(ip)
  const isV6 = /^[\da-f:.]{2,45}$/i.test(ip) && ip.includes(':')
  return isV4 || isV6 ? ip.toLowerCase() : undefined
}

/** The language that the person likes best: browsers name it first (RFC 9110, 12.5.4). */
function localeOf(header: string | null | undefined): string | undefined {
  const first = header?.split(',', 1)[0]?.split(';', 1)[0]?.trim()
  return first && /^[A-Za-z]{1,8}(-[A-Za-z\d]{1,8})*$/.test(first) ? first : undefined
}

/**
 * The page that the person is on: the one that is asked for, or, where a script of a page asks for
 * something (`Sec-Fetch-Mode`), that page. Of another site's page, browsers tell the origin only.
 */
function pageOf(facts: RequestFacts, settings: RequestSettings): PageContext | undefined {
  const referrer = facts.header('referer') ?? undefined
  const site = facts.header('sec-fetch-site')
  // Browsers tell both; Node's own `fetch` tells `cors` and no site, and is on no page.
  if (!site || facts.header('sec-fetch-mode') === 'navigate') {
    const page = splitUrl(publicUrl(facts, settings))
    return page && (referrer === undefined ? page : { ...page, referrer })
  }
  return site === 'same-origin' ? splitUrl(referrer) : undefined
}

/** The address as the visitor has it: proxies that end TLS ask the server by another. */
function publicUrl({ url, header }: RequestFacts, { proxies }: RequestSettings): string {
  if (proxies === 0 || !URL.canParse(url)) return url
  const address = new URL(url)
  const first = (name: string) => header(name)?.split(',', 1)[0]?.trim()
  const host = first('x-forwarded-host')
  const scheme = first('x-forwarded-proto')
  const origin = `${scheme ?? address.protocol.slice(0, -1)}://${host ?? address.host}`
  return URL.canParse(origin) ? origin + address.pathname + address.search : url
}

function splitUrl(text: string | undefined): PageContext | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined
  const { origin, pathname, search } = new URL(text)
  return { url: origin + pathname + search, path: pathname, search }
}

function readCookie(header: string, names: readonly string[]): string | undefined {
  const values = new Map<string, string>()
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=')
    const name = pair.slice(0, at).trim()
    // Of two of one name, the first is of the longer path (RFC 6265, 5.4), and the one that the browser SDK reads.
    if (at > 0 && !values.has(name)) values.set(name, pair.slice(at + 1).trim())
  }
  for (const name of names) {
    const id = decode(values.get(name) ?? '')
    if (id !== '' && id.length <= MAX_COOKIE_ID_LENGTH) return id
  }
  return undefined
}

/** As the browser SDK writes it, with `encodeURIComponent`; what cannot be decoded is nothing of ours. */
function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return ''
  }
}
