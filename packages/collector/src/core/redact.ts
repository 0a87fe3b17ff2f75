import { isJsonObject, type Json, type JsonObject } from '@tributary/protocol'
import { addressesIn, keepOfAddresses } from './normalise/ip.ts'
import { stripSecretsFrom, stripSecretsFromText } from './normalise/secrets.ts'
import type { SourceConfig } from './source-config.ts'

/** An address in a text that was meant to be JSON or a form, also where its quotes are escaped for a URL. */
const IP_IN_TEXT =
  /((?:^|%22|["'{,&?;.[\s])ip\]?(?:%22|["'])?(?:\s|%20)*(?:[:=]|%3a)(?:\s|%20)*)("[^"]*"?|'[^']*'?|%22(?:(?!%22)[^&\s])*(?:%22)?|[^\s"'&,;}\]]+)/gi

/** Batches within batches that are looked into: none has even one, and a stack is not endless. */
const MAX_LEVELS = 4

/**
 * A refused payload without what its source's policies forbid to write: an event, a whole batch, or a text that could
 * not be read. Everything else of it stays as it came.
 */
export function redactPayload(
  payload: Json,
  source: SourceConfig,
  ipHashes?: ReadonlyMap<string, string>,
  levels: number = MAX_LEVELS,
): Json {
  const redact = (item: JsonObject) =>
    keepOfAddresses(stripSecretsFrom(item, source.secretParameters), source.ip ?? 'keep', ipHashes)
  if (typeof payload === 'string') return redactText(payload, source)
  if (Array.isArray(payload))
    return payload.map((item) => (isJsonObject(item) ? redact(item) : item))
  if (!isJsonObject(payload)) return payload
  const redacted = redact(payload)
  if (levels === 0) return redacted
  // A wrong shape may be why it was refused, and must not carry past the policies what the right one would not.
  const { batch, context } = redacted
  const more: JsonObject = {}
  if (batch !== undefined) more.batch = redactPayload(batch, source, ipHashes, levels - 1)
  if (typeof context === 'string') more.context = redactText(context, source)
  if (Array.isArray(context)) {
    more.context = context.map((item) => redact({ context: item }).context as Json)
  }
  return { ...redacted, ...more }
}

/** The addresses that {@link redactPayload} may need the hash of. */
export function addressesInPayload(payload: unknown): string[] {
  if (Array.isArray(payload)) return payload.filter(isJsonObject).flatMap(addressesIn)
  if (!isJsonObject(payload)) return []
  return [
    ...addressesIn(payload),
    ...(Array.isArray(payload.batch) ? addressesInPayload(payload.batch) : []),
  ]
}

/** What a body that is no text is kept as (`request-body.ts`). */
const BASE64 = 'base64:'

/** Looks into bytes as well: one wrong byte must not carry the rest of a body past the policies. */
function redactText(text: string, source: SourceConfig): string {
  const binary = text.startsWith(BASE64) ? decodeBase64(text.slice(BASE64.length)) : undefined
  if (binary === undefined) return redactCharacters(text, source)
  return `${BASE64}${btoa(redactCharacters(binary, source))}`
}

function decodeBase64(text: string): string | undefined {
  try {
    return atob(text)
  } catch {
    return undefined
  }
}

function redactCharacters(text: string, { ip = 'keep', secretParameters }: SourceConfig): string {
  const stripped = stripSecretsFromText(text, secretParameters)
  if (ip === 'keep') return stripped
  return stripped.replace(IP_IN_TEXT, (_, name: string, value: string) => {
    const [quote = ''] = /^["']/.exec(value) ?? []
    return `${name}${quote}[removed]${quote}`
  })
}
