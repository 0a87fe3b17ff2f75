import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { StartupError } from './startup-error.ts'

/** The keys that a local collector accepts. */
export interface Secrets {
  writeKey: string
  adminToken: string
}

/** An open data directory; nobody else has it until {@link DataDirectory.release}. */
export interface DataDirectory {
  /** Absolute path. */
  path: string
  release(): void
}

/**
 * Creates the directory where needed, proves that it can be written to, and takes it for this process.
 *
 * @throws StartupError when it cannot be written to, or another collector runs on it.
 */
export async function openDataDirectory(directory: string): Promise<DataDirectory> {
  const wanted = resolve(directory)
  const probe = join(wanted, `.write-test-${process.pid}`)
  try {
    await mkdir(wanted, { recursive: true })
    await writeFile(probe, '')
    await rm(probe)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new StartupError(`The data directory ${wanted} cannot be written to (${code}).`)
  }
  const path = await realpath(wanted)
  return { path, release: await lock(path) }
}

/**
 * Holds a directory by listening on a socket named after it: the system ends that with the process, however it dies,
 * so no stale lock is ever in the way. Two runtimes on one set of databases would each count an event.
 */
async function lock(path: string): Promise<() => void> {
  const name = `tributary-${createHash('sha256').update(path).digest('hex').slice(0, 16)}`
  const address =
    process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`)
  if (await isListening(address)) {
    throw new StartupError(`Another collector is running on the data directory ${path}.`)
  }
  await rm(address, { force: true })
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((done, fail) => {
    server.once('error', fail)
    server.listen(address, done)
  })
  server.unref()
  return () => server.close()
}

function isListening(address: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(address)
    socket.once('connect', () => {
      socket.destroy()
      done(true)
    })
    socket.once('error', () => done(false))
  })
}

/** The keys to use: those given, else those kept from the last start, else new ones, which are kept. */
export async function keepSecrets(path: string, given: Partial<Secrets>): Promise<Secrets> {
  const file = join(path, 'secrets.json')
  const kept = await readSecrets(file)
  const generated: Secrets = {
    writeKey: kept.writeKey ?? `wk_${randomBytes(16).toString('hex')}`,
    adminToken: kept.adminToken ?? `at_${randomBytes(24).toString('hex')}`,
  }
  // By way of a second file, so that a crash never leaves half a file behind.
  await writeFile(`${file}.new`, `${JSON.stringify(generated, null, 2)}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
  return {
    writeKey: given.writeKey ?? generated.writeKey,
    adminToken: given.adminToken ?? generated.adminToken,
  }
}

async function readSecrets(file: string): Promise<Partial<Secrets>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Partial<Secrets>
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new StartupError(`${file} cannot be read; mend it, or remove it to get new keys.`)
  }
}
