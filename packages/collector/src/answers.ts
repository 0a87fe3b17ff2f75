import type { ErrorAnswer } from '@tributary/protocol'
import { RETRY_AFTER_SECONDS } from './limits.ts'

/** Statuses of errors: 400, 401, 403, 404, 405 and 413 are final, 503 is temporary. */
export type ErrorStatus = 400 | 401 | 403 | 404 | 405 | 413 | 503

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
  if (status === 503) headers.set('retry-after', String(RETRY_AFTER_SECONDS))
  return Response.json(body, { status, headers })
}

/** The answer to a method that a path does not have. */
export function methodNotAllowed(allow: 'GET' | 'POST'): Response {
  return errorAnswer(405, 'method_not_allowed', `Use ${allow} here.`, { allow })
}
