import { remember } from './remember.ts'

/**
 * URLs as text. A URL of a page is kept as it came, byte for byte; parsing it into an object and writing it again would
 * change it, and takes several times as long.
 */

/** The parts of an absolute URL. */
export interface UrlParts {
  /** In lower case, without credentials, port and final dot. */
  host: string
  /** `/` where the URL has none. */
  path: string
  /** With its `?`; empty where the URL has none. */
  search: string
}

const URL_PARTS = /^[a-z][a-z\d+.-]*:\/\/(?:[^/?#]*@)?([^/?#]*)([^?#]*)(\?[^#]*)?/i

const PORT = /\.?(:\d*)?$/

/** Different URLs whose parts are remembered. */
const MAX_URLS = 1000

/** Splits an absolute URL; `null` for anything else. */
export const splitUrl: (url: string) => UrlParts | null = remember((url) => {
  const match = URL_PARTS.exec(url)
  if (!match) return null
  const [, authority = '', path = '', search = ''] = match
  return { host: authority.replace(PORT, '').toLowerCase(), path: path || '/', search }
}, MAX_URLS)

/**
 * The parameters of a query whose name `wanted` accepts, decoded; of several with one name the last.
 *
 * @param search With or without its `?`.
 */
export function queryParameters(
  search: string,
  wanted: (name: string) => boolean,
): Record<string, string> {
  const found: [string, string][] = []
  for (const pair of search.replace(/^\?/, '').split('&')) {
    const equals = pair.indexOf('=')
    const name = equals < 0 ? pair : pair.slice(0, equals)
    if (wanted(name)) found.push([name, equals < 0 ? '' : decode(pair.slice(equals + 1))])
  }
  // Unlike an assignment, this takes `__proto__` for a name like any other.
  return Object.fromEntries(found)
}

function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ')
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}
