import { setTimeout as sleep } from 'node:timers/promises'
import { backoffMs, parseRetryAfter } from '@tributary/protocol'
import { CliError, EXIT, usageError } from '../cli-error.ts'
import type { Connection } from '../connection.ts'

/** One call of the admin API. */
export interface ApiCall {
  method?: 'GET' | 'POST'
  /** Parameters; those without a value are left out. */
  query?: Record<string, string | number | undefined>
  body?: unknown
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** Attempts at a collector that says that it cannot now. */
const MAX_ATTEMPTS = 5

/**
 * Calls `/api`, again where the collector says that it cannot now.
 *
 * @returns An answer that is 2xx.
 * @throws CliError with the collector's own code otherwise.
 */
export async function callApi(
  connection: Connection,
  path: string,
  call: ApiCall = {},
): Promise<Response> {
  if (!connection.adminToken) {
    const message =
      'This needs the admin token: set TRIBUTARY_ADMIN_TOKEN, or adminToken in tributary.json.'
    throw usageError('missing_admin_token', message)
  }
  for (let attempt = 1; ; attempt++) {
    const response = await request(connection, path, call)
    if (response.ok) return response
    const isTemporary = response.status === 503 || response.status === 429
    if (!isTemporary || attempt === MAX_ATTEMPTS) throw await refusal(response, path)
    const afterMs = parseRetryAfter(response.headers.get('retry-after'), Date.now())
    await sleep(afterMs ?? backoffMs(attempt, Math.random()))
  }
}

/** The same, read as JSON. */
export async function readApi<Answer>(
  connection: Connection,
  path: string,
  call: ApiCall = {},
): Promise<Answer> {
  return (await (await callApi(connection, path, call)).json()) as Answer
}

async function request(connection: Connection, path: string, call: ApiCall): Promise<Response> {
  const url = new URL(`${connection.endpoint}${path}`)
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  try {
    return await fetch(url, {
      method: call.method ?? 'GET',
      headers: { authorization: `Bearer ${connection.adminToken}`, ...call.headers },
      ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
      ...(call.signal && { signal: call.signal }),
    })
  } catch (error) {
    if (call.signal?.aborted) throw error
    throw unreachable(connection.endpoint, error)
  }
}

/** No answer at all. */
function unreachable(endpoint: string, error: unknown): CliError {
  const { cause, message } = error as Error & { cause?: { code?: string } }
  const message_ = `${endpoint} does not answer (${cause?.code ?? message}). Is the collector running, and the address right?`
  return new CliError('unreachable', message_)
}

/** Codes by which the profiles do not know somebody, who may have been sent a moment ago. */
const UNKNOWN = ['unknown_profile', 'unknown_identifier']

async function refusal(response: Response, path: string): Promise<CliError> {
  const text = await response.text()
  const { code, message } = readRefusal(text)
  if (code === 'unauthorized') {
    const hint = `The collector does not know this admin token. It is the one that "tributary dev" prints, or the secret TRIBUTARY_ADMIN_TOKEN of the deployment.`
    return new CliError(code, hint)
  }
  if (code && UNKNOWN.includes(code)) {
    const hint = 'Events take up to half a minute to get there, and who was erased is gone.'
    return new CliError(code, `${message} ${hint}`)
  }
  if (code === 'not_found' && message?.includes('path')) {
    return new CliError(
      code,
      `${path} is not there: this collector is older than this program, or is made without it.`,
    )
  }
  if (code) {
    // 400 is what was asked for, as it stands on the command line.
    const exitCode = response.status === 400 ? EXIT.usage : EXIT.failed
    return new CliError(code, message ?? `${path} answered ${response.status}.`, exitCode)
  }
  const said = `${path} answered ${response.status}, and not as a Tributary collector does. Is the address right?`
  return new CliError('not_a_collector', said)
}

function readRefusal(text: string): { code?: string; message?: string } {
  try {
    return (JSON.parse(text) ?? {}) as { code?: string; message?: string }
  } catch {
    return {}
  }
}
