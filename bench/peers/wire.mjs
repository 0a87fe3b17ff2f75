import { gunzipSync } from 'node:zlib'

/** What marks an event of the bench, anywhere in it: the tag of its run and its number there. */
export const MARKER = /mk_([a-z0-9]+)_(\d+)_km/

/** The events of a request's body in any of the SDKs' forms: JSON, NDJSON, gzip of these, or a form with base64. */
export function eventsOf(body) {
  const text = textOf(body)
  try {
    const parsed = JSON.parse(text)
    return [parsed, parsed.batch, parsed.events, parsed.data].find(Array.isArray) ?? [parsed]
  } catch {
    return text.split('\n').flatMap(parseLine)
  }
}

/** The id that an SDK gave the event; `undefined` where it gives none. */
export function idOf(event) {
  return (
    event.messageId ??
    event.uuid ??
    event.insert_id ??
    event.eid ??
    event.message_id ??
    event.id ??
    event.properties?.$insert_id ??
    event.payload?.messageId
  )
}

/** A request's body as text, out of gzip or a form if it is in one. */
export function textOf(body) {
  const isGzip = body[0] === 0x1f && body[1] === 0x8b
  const text = (isGzip ? gunzipSync(body) : body).toString('utf8')
  const form = /^(data|payload)=/.exec(text)
  const payload = form ? (new URLSearchParams(text).get(form[1]) ?? '') : text
  return isJson(payload) ? payload : decodeBase64(payload)
}

function decodeBase64(text) {
  const decoded = Buffer.from(text, 'base64').toString('utf8')
  return isJson(decoded) ? decoded : text
}

function isJson(text) {
  return /^\s*[[{]/.test(text)
}

function parseLine(line) {
  try {
    return [JSON.parse(line)]
  } catch {
    return []
  }
}
