import { randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { readdir, rename, rm, rmdir, stat } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Longest path of a socket on macOS, less its final zero (`sun_path`; Linux has 4 bytes more). Node cuts longer ones off. */
const MAX_SOCKET_PATH_BYTES = 103

/** Touched by an owner now and then, for those who cannot ask its socket. */
const LEASE = 'lease'

/** What a home is called until its socket is in it. */
const UNFINISHED = '.new'

/** After this, nobody is still making an unfinished home. */
const MAX_UNFINISHED_MS = 60_000

const OWNER_NAME = /^[0-9a-z]{9,}-[0-9a-f]{8}$/

/**
 * A folder that one open log owns. While the log is open, a socket in the folder listens: the kernel closes it with the
 * process, whatever ends that, and no clock or process id has to be believed.
 */
export interface Home {
  /** Sorts by the time of making. */
  id: string
  path: string
  /** False when somebody has taken or removed it. */
  isThere(): boolean
  /** Tells those who cannot ask the socket that the owner lives. */
  touchLease(): void
  /** Leaves it to others, or removes it where nothing is in it. Never rejects. */
  leave(): Promise<void>
}

/** Whether an owner lives, as far as its socket tells. */
type Life = 'alive' | 'dead' | 'unknown'

/**
 * Sockets answer for the processes of one kernel. A folder may be shared by more, over a network or from virtual machines;
 * the name of the socket says whose it is. Systems that do not tell share none.
 */
const SOCKET: string = `owner-${readKernelId()}.sock`

function readKernelId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8)
  } catch {
    return process.platform
  }
}

/** Makes a home in `directory`, which is made where it is missing. @throws What the file system says. */
export function createHome(directory: string, nowMs: number): Home {
  const id = `${nowMs.toString(36).padStart(9, '0')}-${randomBytes(4).toString('hex')}`
  const path = join(directory, id)
  // Under its own name it never is without its socket, so that nobody takes it for a dead one's.
  const unfinished = path + UNFINISHED
  let server: Server | undefined
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  try {
    mkdirSync(unfinished, { mode: 0o700 })
    writeFileSync(join(unfinished, LEASE), '')
    server = listen(unfinished, id)
    renameSync(unfinished, path)
  } catch (error) {
    server?.close()
    rmSync(unfinished, { recursive: true, force: true })
    throw error
  }
  return {
    id,
    path,
    isThere: () => existsSync(join(path, LEASE)),
    touchLease() {
      const now = new Date()
      utimesSync(join(path, LEASE), now, now)
    },
    async leave() {
      await removeEmpty(path).catch(() => {})
      server?.close()
    },
  }
}

/** Removes a home without records, its own or those of the dead. */
async function removeEmpty(path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true })
  const isEmpty = !entries.some((entry) => entry.isDirectory() || entry.name.endsWith('.log'))
  if (isEmpty) await rm(path, { recursive: true, force: true })
}

/** Where the file system knows no sockets, this does nothing, and the lease alone tells. */
function listen(folder: string, id: string): Server {
  const server = createServer((connection) => connection.destroy())
  server.on('error', () => {})
  // Exclusive: a worker of `cluster` would else share the primary's.
  withAddress(folder, id, (path) => server.listen({ path, exclusive: true }))
  server.unref()
  return server
}

/** Calls `use` with what names the socket in `folder`. */
function withAddress<T>(folder: string, id: string, use: (address: string) => T): T {
  if (process.platform === 'win32') return use(`\\\\.\\pipe\\tributary-${id}`)
  const path = join(folder, SOCKET)
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return use(path)
  // A way around that is short enough; the socket is in the folder all the same.
  const detour = join(tmpdir(), `tributary-${randomBytes(8).toString('hex')}`)
  symlinkSync(folder, detour)
  try {
    return use(join(detour, SOCKET))
  } finally {
    rmSync(detour)
  }
}

/** The owners of homes in `directory`, oldest first. What was never finished is removed. */
export async function findOwners(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => [])
  for (const name of names) {
    const [id = '', rest] = name.split(UNFINISHED)
    if (rest === '' && OWNER_NAME.test(id)) await removeUnfinished(join(directory, name))
  }
  return names.filter((name) => OWNER_NAME.test(name)).sort()
}

async function removeUnfinished(path: string): Promise<void> {
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }))
  if (Date.now() - mtimeMs > MAX_UNFINISHED_MS) await rm(path, { recursive: true, force: true })
}

/** Asks the socket of an owner. A process that is stopped still answers: its kernel does. */
export async function askOwner(directory: string, id: string): Promise<Life> {
  const folder = join(directory, id)
  if (process.platform !== 'win32' && !existsSync(join(folder, SOCKET))) return 'unknown'
  return await new Promise<Life>((resolve) => {
    try {
      withAddress(folder, id, (path) => {
        const connection = connect(path)
        connection.unref()
        connection.on('connect', () => {
          connection.destroy()
          resolve('alive')
        })
        connection.on('error', ({ code }: NodeJS.ErrnoException) => {
          // Anything else, such as a lack of rights or a full backlog, proves no death.
          const isDead =
            code === 'ECONNREFUSED' || (code === 'ENOENT' && process.platform === 'win32')
          resolve(isDead ? 'dead' : 'alive')
        })
      })
    } catch {
      resolve('unknown')
    }
  })
}

/** What an owner that lives changes now and then. */
export async function readLease(directory: string, id: string): Promise<number> {
  return (await stat(join(directory, id, LEASE)).catch(() => ({ mtimeMs: 0 }))).mtimeMs
}

/** Takes a dead owner's home into one's own. One rename, so that of several who try one succeeds. */
export async function adopt(directory: string, id: string, home: Home): Promise<void> {
  try {
    await rename(join(directory, id), join(home.path, id))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/** Moves the segments of adopted homes, and of those that had been adopted there, up into one's own. */
export async function gather(home: Home, folder: string = home.path): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      await gather(home, path)
      await rmdir(path)
    } else if (folder !== home.path) {
      // Marks sort before their records (`.ended`, `.log`), and so are there when the records are.
      if (/\.(log|ended)$/.test(entry.name)) await rename(path, join(home.path, entry.name))
      else await rm(path)
    }
  }
}
