/** Writes a warning for the page's developers. */
export function warn(message: string): void {
  // biome-ignore lint/suspicious/noConsole: a dropped event must not be silent, and the page has no other ear for it
  console.warn(message)
}

/** Shows a developer what happens. */
export function log(...args: unknown[]): void {
  // biome-ignore lint/suspicious/noConsole: `debug()` asks for it
  console.log('Tributary:', ...args)
}
