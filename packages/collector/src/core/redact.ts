import { isJsonObject, type Json, type JsonObject } from '@tributary/protocol'
import { addressesIn, keepOfAddresses } from './normalise/ip.ts'
import { stripSecretsFrom, stripSecretsFromText } from './normalise/secrets.ts'
import type { SourceConfig } from './source-config.ts'

/** An address in a text that was meant to be JSON. */
const IP_IN_TEXT = /("ip"\s*:\s*)"[^"]*"?/g

/**
 * A refused payload without what its source's policies forbid to write: an event, a whole batch, or a text that could
 * not be read. Everything else of it stays as it came.
 */
export function redactPayload(
  payload: Json,
  source: SourceConfig,
  ipHashes?: ReadonlyMap<string, string>,
): Json {
  const redact = (item: JsonObject) =>
    keepOfAddresses(stripSecretsFrom(item, source.secretParameters), source.ip ?? 'keep', ipHashes)
  if (typeof payload === 'string') return redactText(payload, source)
  if (Array.isArray(payload))
    return payload.map((item) => (isJsonObject(item) ? redact(item) : item))
  if (!isJsonObject(payload)) return payload
  const redacted = redact(payload)
  return Array.isArray(redacted.batch)
    ? { ...redacted, batch: redactPayload(redacted.batch, source, ipHashes) }
    : redacted
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

function redactText(text: string, { ip = 'keep', secretParameters }: SourceConfig): string {
  const stripped = stripSecretsFromText(text, secretParameters)
  return ip === 'keep' ? stripped : stripped.replace(IP_IN_TEXT, '$1"[removed]"')
}
