import {
  describeRequest,
  type RequestOptions,
  type RequestSettings,
  readRequestOptions,
} from './core/request-facts.ts'
import { openStore, withContext } from './request-context.ts'

export type { RequestOptions } from './core/request-facts.ts'

/** The part of Hono's context that is read. */
export interface HonoContext {
  req: { url: string; header(name: string): string | undefined }
  env: unknown
}

/** Options of {@link tributaryContext}. */
export interface HonoOptions extends RequestOptions {
  /**
   * Tells the other end of the connection: Hono's own `getConnInfo` for your runtime. Default: what
   * `@hono/node-server` tells. Of a Worker there is none to tell; there, set `ipHeader`.
   */
  getConnInfo?: (context: never) => { remote: { address?: string | undefined } }
}

/**
 * Middleware for Hono: calls made while a request is handled carry its address, user agent, language
 * and page, and the anonymous id from the browser's cookie. Tell who the person is by `updateContext`.
 *
 * @throws {Error} For an option that cannot work, here and not at a request; the message names it.
 */
export function tributaryContext(
  options: HonoOptions = {},
): (context: HonoContext, next: () => Promise<void>) => Promise<void> {
  const settings = readRequestOptions(options)
  openStore()
  return (context, next) => {
    const facts = describeHonoRequest(context, settings, options)
    return withContext({ ...facts, fallbackAnonymousId: crypto.randomUUID() }, next)
  }
}

function describeHonoRequest(
  context: HonoContext,
  settings: RequestSettings,
  { getConnInfo }: HonoOptions,
) {
  const { req } = context
  const header = (name: string) => req.header(name)
  const remoteAddress = addressOf(context, getConnInfo)
  return describeRequest({ url: req.url, header, remoteAddress }, settings)
}

function addressOf(context: HonoContext, getConnInfo: HonoOptions['getConnInfo']) {
  try {
    if (getConnInfo) return getConnInfo(context as never).remote.address
  } catch {
    // Hono's throw where there is no connection, as in `app.request()`.
  }
  return (context.env as NodeBindings)?.incoming?.socket?.remoteAddress
}

/** What `@hono/node-server` puts into the environment. */
type NodeBindings = { incoming?: { socket?: { remoteAddress?: string } } } | undefined
