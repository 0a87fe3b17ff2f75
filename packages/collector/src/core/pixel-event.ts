import { type Json, type JsonObject, MAX_EVENT_DEPTH } from '@tributary/protocol'

/** Parameters that are addressed to the collector, or to Jitsu's, and are no part of the event. */
const OWN_PARAMETERS: readonly string[] = [
  'data',
  'writeKey',
  'writekey',
  'cookie_domain',
  'destination_url',
]

/**
 * The event of a pixel: `data`, base64 or base64url of JSON, or parameters with dotted names
 * (`properties.subject=Hello`), all of whose values are text.
 *
 * @param readJson Reads JSON text; `undefined` when it is none.
 * @returns The event, or `undefined` when `data` cannot be read.
 */
export function pixelEvent(query: URLSearchParams, readJson: (text: string) => unknown): unknown {
  const data = query.get('data')
  if (data === null) return dottedObject(query)
  const text = decodeBase64(data)
  return text === undefined ? undefined : readJson(text)
}

/** A map at each level and not an object, so that `__proto__` is a name like any other. */
type Level = Map<string, Json | Level>

function dottedObject(query: URLSearchParams): JsonObject {
  const root: Level = new Map()
  for (const [name, value] of query) {
    if (OWN_PARAMETERS.includes(name)) continue
    const path = name.split('.')
    // Deeper than an event may be: kept under its whole name rather than refused with everything else.
    setAt(root, path.length > MAX_EVENT_DEPTH - 1 ? [name] : path, name, value)
  }
  return toObject(root)
}

/** Sets a value; under its whole name where a part of its path is taken by another value. */
function setAt(root: Level, path: string[], name: string, value: string): void {
  let level = root
  for (const part of path.slice(0, -1)) {
    const next = level.get(part) ?? new Map()
    if (!(next instanceof Map)) {
      root.set(name, value)
      return
    }
    level.set(part, next)
    level = next
  }
  const last = path.at(-1) as string
  if (level.get(last) instanceof Map) root.set(name, value)
  else level.set(last, value)
}

function toObject(level: Level): JsonObject {
  const entries = [...level].map(([name, value]) => [
    name,
    value instanceof Map ? toObject(value) : value,
  ])
  return Object.fromEntries(entries)
}

/** UTF-8 from base64 or base64url; a `+` that was not escaped has become a space in the query. */
function decodeBase64(data: string): string | undefined {
  try {
    const binary = atob(data.replace(/[ -]/g, '+').replaceAll('_', '/'))
    return new TextDecoder().decode(Uint8Array.from(binary, (byte) => byte.charCodeAt(0)))
  } catch {
    return undefined
  }
}
