import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { join, resolve } from 'node:path'
import { StartupError } from './startup-error.ts'

/** The keys that a local collector accepts, and what it signs receipts with. */
export interface Secrets {
  writeKey: string
  adminToken: string
  receiptSecret: string
}

/** An open data directory; nobody else has it until this process ends. */
export interface DataDirectory {
  /** Absolute path. */
  path: string
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
  await lock(path)
  return { path }
}

/**
 * Holds a directory by listening on a socket named after it: the system ends that with the process, however it dies,
 * so no stale lock is ever in the way. Two runtimes on one set of databases would each count an event.
 */
async function lock(path: string): Promise<void> {
  const server = createServer((socket) => socket.destroy())
  server.unref()
  const address = lockAddress(path)
  if (await listens(server, address)) return
  // On Linux and Windows the name goes with its holder, so that it is taken says all. Elsewhere a file may have outlived it.
  if (!address.endsWith('.sock') || (await isAnswered(address))) throw inUse(path)
  await rm(address, { force: true })
  if (!(await listens(server, address))) throw inUse(path)
}

/** Linux has sockets without a file (unix(7), "abstract"), Windows has pipes; both in a space that all users share. */
function lockAddress(path: string): string {
  const name = `tributary-${createHash('sha256').update(path).digest('hex').slice(0, 32)}`
  if (process.platform === 'linux') return `\0${name}`
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`
  return `/tmp/${name}.sock`
}

function inUse(path: string): StartupError {
  return new StartupError(`Another collector is running on the data directory ${path}.`)
}

/** Whether the server could take the address; `false` when somebody has it. */
function listens(server: Server, address: string): Promise<boolean> {
  return new Promise((done, fail) => {
    const onError = (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE'
        ? done(false)
        : fail(new StartupError(`The data directory cannot be locked (${error.code}).`))
    server.once('error', onError)
    server.listen(address, () => {
      server.off('error', onError)
      done(true)
    })
  })
}

function isAnswered(address: string): Promise<boolean> {
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
    receiptSecret: kept.receiptSecret ?? randomBytes(32).toString('hex'),
  }
  // By way of a second file, so that a crash never leaves half a file behind.
  await writeFile(`${file}.new`, `${JSON.stringify(generated, null, 2)}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
  return {
    writeKey: given.writeKey ?? generated.writeKey,
    adminToken: given.adminToken ?? generated.adminToken,
    receiptSecret: given.receiptSecret ?? generated.receiptSecret,
  }
}

async function readSecrets(file: string): Promise<Partial<Secrets>> {
  const unreadable = `${file} cannot be read; mend it, or remove it to get new keys.`
  try {
    const { writeKey, adminToken, receiptSecret } = JSON.parse(
      await readFile(file, 'utf8'),
    ) as Partial<Secrets>
    // A file of an older version has no secret for receipts.
    if (typeof writeKey === 'string' && typeof adminToken === 'string')
      return { writeKey, adminToken, ...(receiptSecret && { receiptSecret }) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
  }
  throw new StartupError(unreadable)
}
