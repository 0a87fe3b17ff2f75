import { describeRequest, type RequestOptions, readRequestOptions } from './core/request-facts.ts'
import { openStore, withContext } from './request-context.ts'

export type { RequestOptions } from './core/request-facts.ts'

/** The part of Express's request that is read; `node:http`'s will do. */
export interface ExpressRequest {
  headers: Record<string, string | string[] | undefined>
  url?: string | undefined
  /** Express's: the path as it was asked for, before routers cut it. */
  originalUrl?: string
  /** Express's, by its setting `trust proxy`. */
  ip?: string | undefined
  /** Express's, by its setting `trust proxy`. */
  protocol?: string
  /** Express's, without a port, by its setting `trust proxy`. */
  hostname?: string | undefined
  socket: { remoteAddress?: string | undefined }
}

/**
 * Middleware for Express, Connect and whatever hands `node:http`'s request on: calls made while a
 * request is handled carry its address, user agent, language and page, and the anonymous id from the
 * browser's cookie. Tell who the person is by `updateContext`. In Express, its own setting `trust proxy`
 * says whose headers are believed, and `proxies` is not needed.
 *
 * @throws {Error} For an option that cannot work, here and not at a request; the message names it.
 */
export function tributaryContext(
  options: RequestOptions = {},
): (request: ExpressRequest, response: unknown, next: () => void) => void {
  const settings = readRequestOptions(options)
  openStore()
  return (request, _response, next) => {
    const header = (name: string) => {
      const value = request.headers[name]
      return Array.isArray(value) ? value.join(', ') : value
    }
    const remoteAddress = request.ip ?? request.socket.remoteAddress
    const context = describeRequest({ url: urlOf(request), header, remoteAddress }, settings)
    withContext({ ...context, fallbackAnonymousId: crypto.randomUUID() }, next)
  }
}

function urlOf({ headers, protocol = 'http', hostname, originalUrl, url }: ExpressRequest): string {
  const asked = String(headers.host ?? 'localhost')
  // A proxy that Express trusts has told another name than the one it asks by.
  const host = hostname && !asked.startsWith(hostname) ? hostname : asked
  return `${protocol}://${host}${originalUrl ?? url ?? '/'}`
}
