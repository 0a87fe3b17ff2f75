import { MAX_BODY_BYTES, type Refusal } from '@tributary/protocol'
import { readBody } from '../adapters/body.ts'
import { readJson } from '../core/read-json.ts'
import { BODY_TIMEOUT_MS, MAX_KEPT_BODY_BYTES } from '../limits.ts'

/** A request's body, as far as it can be read. */
export interface RequestBody {
  /** All of it, or the beginning where `refusal` says why not; as `base64:…` where it is neither JSON nor text. */
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
  const byteLength = bytes.length
  if (!body.ok) return { text: toText(bytes), byteLength, json: undefined, refusal: body.error }
  const text = new TextDecoder().decode(bytes)
  const json = readJson(text)
  return { text: json === undefined ? toText(bytes) : text, byteLength, json }
}

/** What is no UTF-8 would be lost as text. A beginning may be cut within a character. */
function toText(bytes: Uint8Array): string {
  try {
    const stream = bytes.length >= MAX_KEPT_BODY_BYTES
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream })
  } catch {
    const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
    return `base64:${btoa(binary)}`
  }
}
