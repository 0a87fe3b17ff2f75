import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { usageError } from './cli-error.ts'

/** Which collector a command talks to, and with what. */
export interface Connection {
  /** Without a slash at its end. */
  endpoint: string
  writeKey: string | undefined
  adminToken: string | undefined
}

/** What the options of {@link addConnection} come to. */
export interface ConnectionOptions {
  endpoint?: string
  writeKey?: string
  adminToken?: string
  config?: string
}

const CONFIG_FILE = 'tributary.json'
const CONFIG_FIELDS = ['endpoint', 'writeKey', 'adminToken']

/** Gives a command the options that say which collector it talks to. `keys` names the secrets that it needs. */
export function addConnection(command: Command, ...keys: ('write' | 'admin')[]): Command {
  command.addOption(
    new Option('--endpoint <url>', 'address of the collector').env('TRIBUTARY_ENDPOINT'),
  )
  if (keys.includes('write')) {
    const description = 'write key of the source that the events are for'
    command.addOption(new Option('--write-key <key>', description).env('TRIBUTARY_WRITE_KEY'))
  }
  if (keys.includes('admin')) {
    const description = 'admin token; better in the environment, where no process list shows it'
    command.addOption(new Option('--admin-token <token>', description).env('TRIBUTARY_ADMIN_TOKEN'))
  }
  return command.option('--config <file>', `file with endpoint and keys (${CONFIG_FILE})`)
}

/**
 * Flags first, then the environment, then the file, then what a collector on this machine has kept in its data
 * directory, where nothing says that another one is meant.
 *
 * @throws CliError when the file cannot be read or the address is none.
 */
export async function readConnection(options: ConnectionOptions): Promise<Connection> {
  const file = await readConfig(options.config)
  const given = options.endpoint || file.endpoint
  const endpoint = (given || `http://127.0.0.1:${process.env.PORT || 8787}`).replace(/\/+$/, '')
  if (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint)) {
    const message = `The endpoint must be an address such as https://t.example.com, not "${endpoint}".`
    throw usageError('invalid_endpoint', message)
  }
  const kept = isThisMachine(endpoint) ? await readKept() : {}
  return {
    endpoint,
    writeKey: options.writeKey || file.writeKey || kept.writeKey,
    adminToken: options.adminToken || file.adminToken || kept.adminToken,
  }
}

function isThisMachine(endpoint: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(endpoint).hostname)
}

async function readConfig(path: string | undefined): Promise<ConnectionOptions> {
  const file = path ?? CONFIG_FILE
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (path === undefined && error.code === 'ENOENT') return undefined
    throw usageError('config_unreadable', `${file} cannot be read (${error.code}).`)
  })
  if (text === undefined) return {}
  const config = parseObject(text)
  if (!config) throw usageError('config_invalid', `${file} must be a JSON object.`)
  for (const [name, value] of Object.entries(config)) {
    if (!CONFIG_FIELDS.includes(name) || typeof value !== 'string') {
      const message = `${file}: "${name}" is not known there, or no text; there are ${CONFIG_FIELDS.join(', ')}.`
      throw usageError('config_invalid', message)
    }
  }
  return config
}

/** The keys that `tributary dev` made for itself. */
async function readKept(): Promise<ConnectionOptions> {
  const file = join(process.env.TRIBUTARY_DATA || '.tributary', 'secrets.json')
  return parseObject(await readFile(file, 'utf8').catch(() => '')) ?? {}
}

function parseObject(text: string): Record<string, string> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, string>) : undefined
  } catch {
    return undefined
  }
}
