import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  writeSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'
import {
  frameRecord,
  MAX_BYTES_PER_UNIT,
  RECORD_HEAD,
  RECORD_OVERHEAD,
} from '../core/log-records.ts'

const fdatasyncAsync = promisify(fdatasync)

/** Records that one write takes at most. */
const BUFFER_BYTES = 256 * 1024

/**
 * Room that is made ahead for records that are synced one by one: where a file need not grow, a sync writes no metadata
 * (in runs side by side on one ext4, 1.4 to 12 times as fast).
 */
const ROOM: Uint8Array = new Uint8Array(256 * 1024)

/** Events appended to one file, which nobody else writes. What it throws is an error of the file system, and changes nothing. */
export class SegmentWriter {
  readonly #path: string
  readonly #maxBytes: number
  readonly #fd: number
  #buffer: Buffer
  /** Bytes of the buffer that wait to be written. */
  #pending = 0
  /** Bytes of the file that are records. */
  #written = 0
  /** Bytes of the file, with the room made ahead. */
  #allocated = 0
  #isNameSynced = false
  #isClosed = false

  /**
   * @param path Of a file that must not exist.
   * @param maxBytes Bytes beyond which no room is made ahead.
   * @param buffer Of a writer that is done, to use it again.
   */
  constructor(
    path: string,
    maxBytes: number,
    buffer: Buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES),
  ) {
    this.#path = path
    this.#maxBytes = maxBytes
    this.#buffer = buffer
    this.#fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  }

  /** To hand to the next writer when nothing is pending. */
  get buffer(): Buffer {
    return this.#buffer
  }

  get pending(): number {
    return this.#pending
  }

  /** Adds a record; writes first what is pending where both do not fit. */
  put(json: string): { start: number; length: number; crc: number } {
    const most = json.length * MAX_BYTES_PER_UNIT + RECORD_OVERHEAD
    if (this.#pending + most > this.#buffer.length) {
      this.flush()
      if (most > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(most)
    }
    const at = this.#pending
    const jsonAt = at + RECORD_HEAD
    const jsonBytes = this.#buffer.write(json, jsonAt)
    const crc = crc32(this.#buffer.subarray(jsonAt, jsonAt + jsonBytes))
    frameRecord(this.#buffer, at, jsonBytes, crc)
    const length = jsonBytes + RECORD_OVERHEAD
    this.#pending += length
    return { start: this.#written + at, length, crc }
  }

  /** Hands what is pending to the kernel. After a failure all of it is pending still, and is written to the same place again. */
  flush(): void {
    let done = 0
    while (done < this.#pending) {
      const position = this.#written + done
      done += writeSync(this.#fd, this.#buffer, done, this.#pending - done, position)
    }
    this.#written += this.#pending
    this.#allocated = Math.max(this.#allocated, this.#written)
    this.#pending = 0
  }

  /** Brings what is pending to the platter, or forgets it. */
  flushAndSync(): void {
    const before = this.#written
    try {
      if (before + this.#pending > this.#allocated) this.#makeRoom()
      this.flush()
      fdatasyncSync(this.#fd)
      if (!this.#isNameSynced) for (const folder of this.#folders()) syncFolder(folder)
      this.#isNameSynced = true
    } catch (error) {
      this.#pending = 0
      this.#written = before
      this.#cut()
      throw error
    }
  }

  /** Brings what is written to the platter, off the main thread. */
  async sync(): Promise<void> {
    await fdatasyncAsync(this.#fd)
    if (this.#isNameSynced) return
    for (const folder of this.#folders()) await syncFolderAsync(folder)
    this.#isNameSynced = true
  }

  /** The bytes from `start` on that are pending. */
  readPending(start: number): Buffer {
    return Buffer.from(this.#buffer.subarray(start - this.#written, this.#pending))
  }

  /** Where pending bytes will go. */
  get written(): number {
    return this.#written
  }

  /** Gives back the room made ahead and the file. What is pending is lost. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#cut()
    closeSync(this.#fd)
  }

  #makeRoom(): void {
    const end = this.#written + this.#pending
    const size = Math.min(ROOM.length, this.#maxBytes - end)
    if (size <= 0) return
    try {
      const made = writeSync(this.#fd, ROOM, 0, size, end)
      this.#allocated = end + made
      if (made < size) this.#cut()
    } catch {
      // The disk is nearly full: each sync then writes metadata too.
      this.#cut()
    }
  }

  #cut(): void {
    try {
      ftruncateSync(this.#fd, this.#written)
      this.#allocated = this.#written
    } catch {
      // What is no record, behind all records, does no harm.
    }
  }

  /** Those whose entries lead to the file: the owner's, and the one of all owners. Windows has no handles of folders. */
  #folders(): string[] {
    if (process.platform === 'win32') return []
    return [dirname(this.#path), dirname(dirname(this.#path))]
  }
}

function syncFolder(folder: string): void {
  try {
    const fd = openSync(folder, 'r')
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    ignoreUnlessBroken(error)
  }
}

async function syncFolderAsync(folder: string): Promise<void> {
  try {
    const handle = await open(folder)
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    ignoreUnlessBroken(error)
  }
}

/** Not every file system syncs folders; one that does may say that its disk is broken. */
function ignoreUnlessBroken(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code === 'EIO') throw error
}
