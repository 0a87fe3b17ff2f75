import { isIP } from 'node:net'

/** What `tributary dev` runs with. */
interface Settings {
  /** TCP port; 0 lets the system choose one. */
  port: number
  host: string
  /** Directory of everything that is kept. */
  dataDirectory: string
  /** Given by the environment; otherwise generated once and kept in the data directory. */
  writeKey: string | undefined
  adminToken: string | undefined
  receiptSecret: string | undefined
}

/** Settings, or one sentence that names the variable and says what is wrong with it. */
export type SettingsResult = { ok: true; settings: Settings } | { ok: false; problem: string }

const DEFAULT_PORT = 8787

const SECRETS = [
  'TRIBUTARY_WRITE_KEY',
  'TRIBUTARY_ADMIN_TOKEN',
  'TRIBUTARY_RECEIPT_SECRET',
] as const
const MAX_PORT = 65_535

/** Reads the settings from environment variables. A variable that is empty counts as not set. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): SettingsResult {
  const port = Number(env.PORT || DEFAULT_PORT)
  if (!/^\d*$/.test(env.PORT ?? '') || port > MAX_PORT) {
    return problem(`PORT must be a whole number from 0 to ${MAX_PORT}, not "${env.PORT}".`)
  }
  const host = (env.HOST || '127.0.0.1').replace(/^\[(.*)\]$/, '$1')
  if (!isHost(host)) return problem(`HOST must be a host name or an address, not "${env.HOST}".`)
  for (const name of SECRETS) {
    const value = env[name]
    if (value && !/^[\x21-\x39\x3b-\x7e]{8,128}$/.test(value)) {
      return problem(`${name} must be 8 to 128 printable characters without spaces or ":".`)
    }
  }
  return {
    ok: true,
    settings: {
      port,
      host,
      dataDirectory: env.TRIBUTARY_DATA || '.tributary',
      writeKey: env.TRIBUTARY_WRITE_KEY || undefined,
      adminToken: env.TRIBUTARY_ADMIN_TOKEN || undefined,
      receiptSecret: env.TRIBUTARY_RECEIPT_SECRET || undefined,
    },
  }
}

function problem(sentence: string): SettingsResult {
  return { ok: false, problem: sentence }
}

/** An address, or a name that cannot be mistaken for a shortened address such as `127.1`. */
function isHost(host: string): boolean {
  return isIP(host) !== 0 || (/^[a-z0-9.-]+$/i.test(host) && !/^[\d.]+$/.test(host))
}
