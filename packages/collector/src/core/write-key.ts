import { isJsonObject } from '@tributary/protocol'

/** A key as it was found. Where it came from decides how its refusal must look to old clients. */
export interface KeyCandidate {
  key: string
  /** `false` when it stood in the body: Segment's mobile clients retry a 401 for ever, and only they do that. */
  inRequest: boolean
}

/**
 * Keys in the request itself, in the order in which they count: Basic (with or without the colon), Bearer,
 * `X-Write-Key` (`id:secret` in Jitsu's form), `?writeKey=`.
 */
export function keysInRequest(
  header: (name: string) => string | null,
  query: URLSearchParams,
): KeyCandidate[] {
  const authorization = header('authorization') ?? ''
  const [scheme = '', credentials = ''] = authorization.trim().split(/\s+/, 2)
  const keys = [
    scheme.toLowerCase() === 'basic' ? decodeBase64(credentials) : undefined,
    scheme.toLowerCase() === 'bearer' ? credentials : undefined,
    header('x-write-key'),
    query.get('writeKey') ?? query.get('writekey'),
  ]
  return keys.flatMap((text) => {
    const key = text?.split(':', 1)[0]?.trim()
    return key ? [{ key, inRequest: true }] : []
  })
}

/** Keys in the body: its own `writeKey`, else that of its first event that has one. A bare array is a batch. */
export function keysInBody(body: unknown): KeyCandidate[] {
  const batch = isJsonObject(body) ? body.batch : body
  const holders: unknown[] = [body, ...(Array.isArray(batch) ? batch : [])]
  for (const holder of holders) {
    const key = isJsonObject(holder) ? holder.writeKey : undefined
    if (typeof key === 'string' && key !== '') return [{ key, inRequest: false }]
  }
  return []
}

function decodeBase64(text: string): string | undefined {
  try {
    return atob(text)
  } catch {
    return undefined
  }
}
