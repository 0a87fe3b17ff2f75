import { CONSOLE_ASSETS, type ConsoleAsset } from '@tributary/console'
import type { Context } from 'hono'
import { readBody } from '../adapters/body.ts'
import { signSession } from '../adapters/session-signature.ts'
import { errorAnswer } from '../answers.ts'
import { isOwnOrigin, SESSION_MS, sessionCookie, sessionText } from '../core/session.ts'
import type { CollectorEnv } from '../env.ts'
import { BODY_TIMEOUT_MS } from '../limits.ts'
import { isAdminToken, noAdminToken } from '../middleware/admin-auth.ts'

type ConsoleContext = Context<{ Bindings: CollectorEnv }>

/** Longest body of a sign-in. */
const MAX_SIGN_IN_BYTES = 4096

/** Nothing from elsewhere, nothing inline, in nobody's frame. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

const PAGE_HEADERS = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** `GET /console` and below: the console's files; a path that is none is one of its pages. */
export function serveConsole({ req }: ConsoleContext): Response {
  const path = new URL(req.url).pathname
  const isFile = path.startsWith('/console/assets/')
  const asset = CONSOLE_ASSETS[isFile ? path : '/console/index.html']
  if (!asset) return errorAnswer(404, 'not_found', 'The console has no such file.')
  const headers = headersOf(asset, isFile)
  const isCurrent = req.header('if-none-match') === headers.etag
  return new Response(isCurrent ? null : asset.body, { status: isCurrent ? 304 : 200, headers })
}

function headersOf(asset: ConsoleAsset, isFile: boolean) {
  return {
    ...PAGE_HEADERS,
    'content-type': asset.contentType,
    'cache-control': isFile ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: `"${asset.hash}"`,
  }
}

/** `POST /console/session`, `{ "token": … }`: begins a session by a cookie, where the token is the admin token. */
export async function signIn({ env, req }: ConsoleContext): Promise<Response> {
  const token = env.TRIBUTARY_ADMIN_TOKEN
  if (!token) return noAdminToken()
  if (!isOwnOrigin(req.raw.headers, req.url)) return fromElsewhere()
  const given = await readToken(req.raw)
  if (given === undefined || !(await isAdminToken(given, env))) {
    return errorAnswer(401, 'unauthorized', 'This is not the admin token of this collector.')
  }
  const expiresAtMs = Date.now() + SESSION_MS
  const signature = await signSession(sessionText(expiresAtMs), token)
  return answerSession(req.url, `${expiresAtMs}.${signature}`)
}

/** `DELETE /console/session`: takes the cookie away. */
export function signOut({ req }: ConsoleContext): Response {
  return isOwnOrigin(req.raw.headers, req.url) ? answerSession(req.url, '') : fromElsewhere()
}

function answerSession(url: string, value: string): Response {
  const cookie = sessionCookie(value, new URL(url).protocol === 'https:')
  return Response.json(
    { success: true },
    { headers: { 'set-cookie': cookie, 'cache-control': 'no-store' } },
  )
}

function fromElsewhere(): Response {
  return errorAnswer(403, 'cross_site_request', 'Sign in on the console itself.')
}

async function readToken(request: Request): Promise<string | undefined> {
  const body = await readBody(request, {
    maxBytes: MAX_SIGN_IN_BYTES,
    headBytes: 0,
    timeoutMs: BODY_TIMEOUT_MS,
  })
  if (!body.ok) return undefined
  try {
    const { token } = JSON.parse(new TextDecoder().decode(body.bytes)) as { token?: unknown }
    return typeof token === 'string' ? token : undefined
  } catch {
    return undefined
  }
}
