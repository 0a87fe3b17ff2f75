import type { Context, Next } from 'hono'

/** A day: browsers ask again after at most that (Chromium caps at two hours). */
const PREFLIGHT_SECONDS = '86400'

/**
 * Answers preflights and lets pages read the answers. Echoes what was asked for instead of listing it: analytics-next
 * and RudderStack's SDK send headers of their own, which a fixed list would refuse. Whether a source takes an origin's
 * events is decided with the request itself, since a preflight does not carry the key.
 */
export async function cors(context: Context, next: Next): Promise<Response | undefined> {
  const origin = context.req.header('origin')
  if (context.req.method === 'OPTIONS') {
    const headers = new Headers(originHeaders(origin))
    headers.set('access-control-allow-methods', 'GET, POST, OPTIONS')
    const asked = context.req.header('access-control-request-headers')
    if (asked) headers.set('access-control-allow-headers', asked)
    headers.set('access-control-max-age', PREFLIGHT_SECONDS)
    return new Response(null, { status: 204, headers })
  }
  await next()
  for (const [name, value] of Object.entries(originHeaders(origin))) {
    context.res.headers.append(name, value)
  }
  return undefined
}

function originHeaders(origin: string | undefined): Record<string, string> {
  if (!origin) return { vary: 'Origin' }
  return {
    vary: 'Origin, Access-Control-Request-Headers',
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'Retry-After',
  }
}
