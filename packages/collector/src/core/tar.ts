const BLOCK = 512

/**
 * One file of a tar archive (POSIX.1-1988 "ustar"): header, content, and zeros up to the next whole block.
 *
 * @param name At most 100 ASCII characters.
 * @param atMs Its time.
 */
export function tarFile(name: string, content: Uint8Array, atMs: number): Uint8Array {
  const blocks = Math.ceil(content.length / BLOCK)
  const file = new Uint8Array(BLOCK * (1 + blocks))
  const write = (at: number, text: string) => file.set(new TextEncoder().encode(text), at)
  write(0, name)
  write(100, '0000644\0')
  write(108, '0000000\0')
  write(116, '0000000\0')
  write(124, `${octal(content.length, 11)}\0`)
  write(136, `${octal(Math.floor(atMs / 1000), 11)}\0`)
  // The checksum is that of the header with blanks in its place.
  write(148, '        ')
  write(156, '0')
  write(257, 'ustar\u000000')
  const sum = file.subarray(0, BLOCK).reduce((total, byte) => total + byte, 0)
  write(148, `${octal(sum, 6)}\0 `)
  file.set(content, BLOCK)
  return file
}

/** What an archive ends with. */
export const TAR_END: Uint8Array = new Uint8Array(2 * BLOCK)

function octal(number: number, digits: number): string {
  return number.toString(8).padStart(digits, '0')
}
