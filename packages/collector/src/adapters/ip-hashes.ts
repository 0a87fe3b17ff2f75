/** Bytes of a keyed hash that are kept. */
const HASH_BYTES = 16

/**
 * Hashes of addresses, by the address as it is written: HMAC-SHA-256 of the day and the address. Equal for one address on
 * one day; without the secret it cannot be tried out which address it is of.
 *
 * @param day UTC date, `YYYY-MM-DD`.
 */
export async function hashAddresses(
  secret: string,
  day: string,
  addresses: Iterable<string>,
): Promise<Map<string, string>> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const encoder = new TextEncoder()
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, [
    'sign',
  ])
  const hashed = [...new Set(addresses)].map(async (address): Promise<[string, string]> => {
    const text = `${day}\n${address.trim().toLowerCase()}`
    const digest = await crypto.subtle.sign('HMAC', key, encoder.encode(text))
    return [address, `h_${hex(new Uint8Array(digest, 0, HASH_BYTES))}`]
  })
  return new Map(await Promise.all(hashed))
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
