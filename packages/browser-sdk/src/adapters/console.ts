/** Writes a warning for the page's developers. */
export function warn(message: string): void {
  // biome-ignore lint/suspicious/noConsole: a dropped event must not be silent, and the page has no other ear for it
  console.warn(message)
}
