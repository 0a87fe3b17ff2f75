const UUID_7 = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i

/** When a UUIDv7 was made, milliseconds since the epoch (RFC 9562, 5.7); undefined for any other text. */
export function timeOfUuid7(id: string): number | undefined {
  return UUID_7.test(id) ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined
}
