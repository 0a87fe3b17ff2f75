import { addressOf, isProfileId, parseIdentifier, type Rules } from '@tributary/identity'
import {
  accept,
  isJsonObject,
  type Json,
  type JsonObject,
  type Refusal,
  type Result,
  refuse,
} from '@tributary/protocol'
import type { PrivacyOperation } from './privacy-request.ts'

/** What a call of `/api/privacy` asks for. The values that it named are not in it. */
export interface PrivacyOrder {
  /** Fingerprints. */
  subjects: string[]
  requestId?: string
  regulation?: string
  submittedAt?: string
}

const REQUEST_ID = /^[\w.:-]{1,128}$/

/** What OpenDSR calls our operations (https://github.com/opengdpr/OpenDSR). */
const OPENDSR_TYPES: Partial<Record<PrivacyOperation, readonly string[]>> = {
  erase: ['erasure'],
  export: ['access', 'portability'],
}

/** OpenDSR's names of identities that have others with us. */
const OPENDSR_IDENTITIES: Readonly<Record<string, string>> = {
  controller_customer_id: 'userId',
  customer_id: 'userId',
  customerid: 'userId',
  phone_number: 'phone',
  device_id: 'deviceId',
}

/**
 * Reads the body of a call: `{ id }` (of `unlink` `{ a, b }`), with `requestId`, `regulation` and `submittedAt` if wanted;
 * or the same as OpenDSR writes it.
 *
 * @param maxSubjects Identifiers that it may name.
 */
export function readPrivacyOrder(
  body: JsonObject,
  operation: PrivacyOperation,
  rules: Rules,
  maxSubjects: number,
): Result<PrivacyOrder, Refusal<string>> {
  const isOpenDsr = body.subject_identities !== undefined || body.subject_request_type !== undefined
  const type = body.subject_request_type
  const types = OPENDSR_TYPES[operation] ?? []
  if (isOpenDsr && type !== undefined && !types.includes(String(type))) {
    return refuse('wrong_request_type', `This path does not take "${String(type)}" requests.`)
  }
  const named = isOpenDsr ? openDsrIds(body.subject_identities) : ownIds(body, operation)
  if (named.length === 0 || named.length > maxSubjects) {
    const fields = operation === 'unlink' ? '"a" and "b"' : '"id"'
    const message = `Say in ${fields} who is meant, such as "email:ann@example.com".`
    return refuse('missing_identifier', message)
  }
  const subjects: string[] = []
  for (const id of named) {
    const fingerprint = fingerprintIn(id, rules)
    if (fingerprint === undefined) {
      return refuse('invalid_identifier', 'Write an identifier as "type:value".')
    }
    subjects.push(fingerprint)
  }
  if (operation === 'unlink' && (subjects.length !== 2 || subjects[0] === subjects[1])) {
    return refuse('missing_identifier', '"a" and "b" must be two identifiers.')
  }
  const order: PrivacyOrder = { subjects: [...new Set(subjects)] }
  return readFacts(body, order)
}

function readFacts(body: JsonObject, order: PrivacyOrder): Result<PrivacyOrder, Refusal<string>> {
  const requestId = body.requestId ?? body.subject_request_id
  if (requestId !== undefined) {
    if (typeof requestId !== 'string' || !REQUEST_ID.test(requestId)) {
      const message = 'A request id is 1 to 128 letters, digits, ".", ":", "_" and "-".'
      return refuse('invalid_parameter', message)
    }
    order.requestId = requestId
  }
  const { regulation } = body
  if (typeof regulation === 'string' && /^[\w-]{1,64}$/.test(regulation))
    order.regulation = regulation
  const submitted = Date.parse(String(body.submittedAt ?? body.submitted_time ?? ''))
  if (!Number.isNaN(submitted)) order.submittedAt = new Date(submitted).toISOString()
  return accept(order)
}

function ownIds(body: JsonObject, operation: PrivacyOperation): (Json | undefined)[] {
  if (operation === 'unlink') return [body.a, body.b]
  return Array.isArray(body.ids) ? body.ids : body.id === undefined ? [] : [body.id]
}

/** Both shapes that are in use: a list of identities, and an object of them by type. */
function openDsrIds(identities: Json | undefined): (Json | undefined)[] {
  const pairs: [Json | undefined, JsonObject][] = []
  if (Array.isArray(identities)) {
    for (const one of identities) if (isJsonObject(one)) pairs.push([one.identity_type, one])
  } else if (isJsonObject(identities)) {
    for (const [type, one] of Object.entries(identities))
      if (isJsonObject(one)) pairs.push([type, one])
  }
  return pairs.map(([type, one]) => {
    const encoding = one.identity_format ?? one.encoding ?? 'raw'
    const value = one.identity_value ?? one.value
    // A hash of a value names nobody here.
    if (encoding !== 'raw' || typeof type !== 'string') return null
    return `${OPENDSR_IDENTITIES[type] ?? type}:${String(value)}`
  })
}

function fingerprintIn(id: Json | undefined, rules: Rules): string | undefined {
  if (isProfileId(id)) return id
  const identifier = parseIdentifier(id, rules)
  return identifier && addressOf(identifier)
}
