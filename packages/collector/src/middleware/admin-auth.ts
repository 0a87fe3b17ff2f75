import type { Context, Next } from 'hono'
import { getCookie } from 'hono/cookie'
import { sha256 } from '../adapters/digest.ts'
import { isSameSignature, signSession } from '../adapters/session-signature.ts'
import { errorAnswer } from '../answers.ts'
import { isOwnOrigin, readSession, SESSION_COOKIE, sessionText } from '../core/session.ts'
import type { CollectorEnv } from '../env.ts'

type AdminContext = Context<{ Bindings: CollectorEnv }>

/** Lets a request pass that carries the admin token as `Authorization: Bearer`, or the cookie of a console's session. */
export async function adminAuth(context: AdminContext, next: Next): Promise<Response | undefined> {
  const token = context.env.TRIBUTARY_ADMIN_TOKEN
  if (!token) return noAdminToken()
  const [, given] = /^bearer +(\S+)$/i.exec(context.req.header('authorization') ?? '') ?? []
  if (given === undefined && (await hasSession(context, token))) {
    if (!isReading(context) && !isOwnOrigin(context.req.raw.headers, context.req.url)) {
      const message = 'A session changes things only from the console itself; use the admin token.'
      return errorAnswer(403, 'cross_site_request', message)
    }
  } else if (given === undefined || !(await isEqual(given, token))) {
    const message = 'Send "Authorization: Bearer <admin token>".'
    return errorAnswer(401, 'unauthorized', message, { 'www-authenticate': 'Bearer' })
  }
  await next()
  return undefined
}

/** The answer of a collector that has no admin token. */
export function noAdminToken(): Response {
  return errorAnswer(503, 'admin_token_missing', 'Set the secret TRIBUTARY_ADMIN_TOKEN.')
}

/** Whether the request carries a session of this admin token that is not over. */
async function hasSession(context: AdminContext, token: string): Promise<boolean> {
  const session = readSession(getCookie(context, SESSION_COOKIE), Date.now())
  if (!session) return false
  return isSameSignature(
    session.signature,
    await signSession(sessionText(session.expiresAtMs), token),
  )
}

function isReading({ req }: AdminContext): boolean {
  return req.method === 'GET' || req.method === 'HEAD'
}

/** Whether a text is the admin token; never where none is set. */
export async function isAdminToken(text: string, env: CollectorEnv): Promise<boolean> {
  return env.TRIBUTARY_ADMIN_TOKEN ? isEqual(text, env.TRIBUTARY_ADMIN_TOKEN) : false
}

/** Compares digests in constant time, so that neither content nor length of the token shows in the timing. */
async function isEqual(given: string, expected: string): Promise<boolean> {
  const [a, b] = await Promise.all([sha256(given), sha256(expected)])
  return crypto.subtle.timingSafeEqual(a, b)
}
