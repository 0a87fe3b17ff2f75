const encoder = new TextEncoder()

/** Signs a text with a key that is derived from the admin token: another token makes every signature wrong. In hexadecimal. */
export async function signSession(text: string, adminToken: string): Promise<string> {
  const derived = await hmac(encoder.encode(adminToken), 'tributary console session v1')
  return hexOf(await hmac(derived, text))
}

/** Compares in constant time. */
export function isSameSignature(a: string, b: string): boolean {
  const [one, other] = [encoder.encode(a), encoder.encode(b)]
  return one.length === other.length && crypto.subtle.timingSafeEqual(one, other)
}

async function hmac(secret: BufferSource, text: string): Promise<ArrayBuffer> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', secret, algorithm, false, ['sign'])
  return crypto.subtle.sign('HMAC', key, encoder.encode(text))
}

function hexOf(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
