import type { Context, Next } from 'hono'
import { sha256 } from '../adapters/digest.ts'
import { errorAnswer } from '../answers.ts'
import type { CollectorEnv } from '../env.ts'

/** Lets a request pass that carries the admin token as `Authorization: Bearer`. */
export async function adminAuth(
  context: Context<{ Bindings: CollectorEnv }>,
  next: Next,
): Promise<Response | undefined> {
  const token = context.env.TRIBUTARY_ADMIN_TOKEN
  if (!token) {
    return errorAnswer(503, 'admin_token_missing', 'Set the secret TRIBUTARY_ADMIN_TOKEN.')
  }
  const [, given] = /^bearer +(\S+)$/i.exec(context.req.header('authorization') ?? '') ?? []
  if (given === undefined || !(await isEqual(given, token))) {
    const message = 'Send "Authorization: Bearer <admin token>".'
    return errorAnswer(401, 'unauthorized', message, { 'www-authenticate': 'Bearer' })
  }
  await next()
  return undefined
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
