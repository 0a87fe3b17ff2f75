/** SHA-256 of a text (UTF-8). */
export async function sha256(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
}

/** The first `bytes` bytes of a digest in hexadecimal. */
export function toHex(digest: ArrayBuffer, bytes: number): string {
  return Array.from(new Uint8Array(digest, 0, bytes), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}
