import { createReadStream } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** What R2's emulation calls the file of an object's content. */
const BLOB = /[0-9a-f]{80}/g
const BLOB_LENGTH = 80

/**
 * Deletes content that no object of the local lake has: R2's emulation (Miniflare 4, `BlobStore`) leaves it behind where it is
 * killed while it writes or replaces one, and nobody would ever find it, nor erase a person from it. An object's row holds the
 * name of its content as plain text, so whatever occurs nowhere in database and log belongs to none. Nothing may run on
 * the directory meanwhile.
 */
export async function removeOrphanedBlobs(dataDirectory: string): Promise<void> {
  const r2 = join(dataDirectory, 'r2')
  const files = await filesBelow(r2)
  const blobs = files.filter(({ name }) => name.length === BLOB_LENGTH && name.match(BLOB))
  if (blobs.length === 0) return
  const known = new Set<string>()
  for (const { path } of files.filter(({ name }) => /\.sqlite(-wal)?$/.test(name))) {
    await collectNames(path, known)
  }
  for (const { name, path } of blobs) if (!known.has(name)) await rm(path, { force: true })
}

async function filesBelow(folder: string): Promise<{ name: string; path: string }[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile())
      .map(({ name, parentPath }) => ({ name, path: join(parentPath, name) }))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

async function collectNames(file: string, names: Set<string>): Promise<void> {
  let rest = ''
  for await (const chunk of createReadStream(file, 'latin1')) {
    const text = rest + (chunk as string)
    for (let at = 0; at <= text.length - BLOB_LENGTH; at++) {
      // Other hexadecimal text may stand before a name: every place is looked at.
      const name = text.slice(at, at + BLOB_LENGTH)
      const wrong = lastOther(name)
      if (wrong < 0) names.add(name)
      else at += wrong
    }
    rest = text.slice(-(BLOB_LENGTH - 1))
  }
}

/** Place of the last character that is no hexadecimal digit; -1 where there is none. */
function lastOther(text: string): number {
  for (let at = text.length - 1; at >= 0; at--) {
    const code = text.charCodeAt(at)
    const isDigit = (code >= 48 && code <= 57) || (code >= 97 && code <= 102)
    if (!isDigit) return at
  }
  return -1
}
