/** Where Chromium is: `scripts/engines.mjs` sets the variable when it is elsewhere. */
export const CHROMIUM_PATH = process.env.TRIBUTARY_CHROMIUM ?? '/usr/bin/chromium'

/** Chromium without its own traffic, in a container, for tests and benchmarks alike. */
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
