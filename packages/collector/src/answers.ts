import type { ErrorAnswer } from '@tributary/protocol'
import { RETRY_AFTER_SECONDS } from './limits.ts'

/** Statuses of errors: 400, 401, 403, 404, 405 and 413 are final, 429 and 503 are temporary. */
export type ErrorStatus = 400 | 401 | 403 | 404 | 405 | 413 | 429 | 503

/**
 * An error as every client can read it: Segment's Python looks for `code` and `message`, others for `error`.
 * A temporary one says when to come back.
 */
export function errorAnswer(
  status: ErrorStatus,
  code: string,
  message: string,
  more: Record<string, string> = {},
): Response {
  const body: ErrorAnswer = { success: false, code, message, error: message }
  const headers = new Headers(more)
  const isTemporary = status === 429 || status === 503
  if (isTemporary && !headers.has('retry-after')) {
    headers.set('retry-after', String(RETRY_AFTER_SECONDS))
  }
  return Response.json(body, { status, headers })
}

/** The answer to a method that a path does not have. */
export function methodNotAllowed(allow: 'GET' | 'POST' | 'GET, POST' | 'POST, DELETE'): Response {
  return errorAnswer(405, 'method_not_allowed', `Use ${allow} here.`, { allow })
}
