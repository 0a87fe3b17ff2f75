import { MAX_BODY_BYTES, type Refusal } from '@tributary/protocol'
import { readBody } from '../adapters/body.ts'
import { readJson } from '../core/read-json.ts'
import { BODY_TIMEOUT_MS, MAX_KEPT_BODY_BYTES } from '../limits.ts'

/** A request's body, as far as it can be read. */
export interface RequestBody {
  /** All of it, or the beginning where `refusal` says why not. */
  text: string
  /** `undefined` where it is not JSON. */
  json: unknown
  byteLength: number
  refusal?: Refusal<string>
}

const LIMITS = {
  maxBytes: MAX_BODY_BYTES,
  headBytes: MAX_KEPT_BODY_BYTES,
  timeoutMs: BODY_TIMEOUT_MS,
}

/** Reads a body as text and as JSON, whatever its content type says. */
export async function readRequestBody(request: Request): Promise<RequestBody> {
  const body = await readBody(request, LIMITS)
  const bytes = body.ok ? body.bytes : body.head
  const text = new TextDecoder().decode(bytes)
  const read = { text, byteLength: bytes.length }
  return body.ok
    ? { ...read, json: readJson(text) }
    : { ...read, json: undefined, refusal: body.error }
}
