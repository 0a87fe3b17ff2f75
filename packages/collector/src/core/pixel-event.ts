import { type Json, type JsonObject, MAX_EVENT_DEPTH } from '@tributary/protocol'
import { groupParameters } from './group-parameters.ts'

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
 * (`properties.subject=Hello`): text, a list where one comes several times. A name that is too deep, or whose beginning
 * is a value itself, is kept as a whole.
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
  const paths = [...groupParameters(query)]
    .filter(([name]) => !OWN_PARAMETERS.includes(name))
    .map(([name, value]) => ({ name, value, path: name.split('.') }))
  // Short ones first, so that `a` is there before `a.b` asks what it is, whatever their order.
  for (const { name, value, path } of paths.sort((a, b) => a.path.length - b.path.length)) {
    const level = path.length < MAX_EVENT_DEPTH ? levelOf(root, path) : undefined
    if (level) level.set(path.at(-1) as string, value)
    else root.set(name, value)
  }
  return toObject(root)
}

/** The level that a path ends in, made where it is not there; `undefined` where a value stands in its way. */
function levelOf(root: Level, path: string[]): Level | undefined {
  let level = root
  for (const part of path.slice(0, -1)) {
    const next: Json | Level = level.get(part) ?? new Map()
    if (!(next instanceof Map)) return undefined
    level.set(part, next)
    level = next
  }
  return level
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
