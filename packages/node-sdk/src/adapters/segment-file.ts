import { appendFileSync, rmSync } from 'node:fs'
import { open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Records of a segment, and the marks of those that have ended. */
const RECORDS = '.log'
const MARKS = '.ended'

/** What was damaged, of all segments; in the directory of all owners. */
const CORRUPT = 'corrupt.log'

export function recordsPath(home: string, name: string): string {
  return join(home, name + RECORDS)
}

/** Names of the segments in a home, oldest first. */
export async function listSegments(home: string): Promise<string[]> {
  const names = await readdir(home)
  return names
    .filter((name) => name.endsWith(RECORDS))
    .map((name) => name.slice(0, -RECORDS.length))
    .sort()
}

/** A whole segment. */
export async function readSegment(
  home: string,
  name: string,
): Promise<{ bytes: Buffer; marks: string }> {
  const bytes = await readFile(recordsPath(home, name))
  const marks = await readFile(join(home, name + MARKS), 'utf8').catch(() => '')
  return { bytes, marks }
}

/** Bytes `start` to `end` of a segment, or fewer where it is shorter. */
export async function readPart(
  home: string,
  name: string,
  start: number,
  end: number,
): Promise<Buffer> {
  const file = await open(recordsPath(home, name))
  try {
    const buffer = Buffer.allocUnsafe(end - start)
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** Not synced: a mark that is lost costs a repetition, which the collector knows as one. */
export function writeMarks(home: string, name: string, marks: string): void {
  // On a line of their own, whatever an earlier write has left half done.
  appendFileSync(join(home, name + MARKS), `\n${marks}`, { mode: 0o600 })
}

export function removeSegment(home: string, name: string): void {
  // Records first: marks without records mean nothing, records without marks are sent again.
  rmSync(recordsPath(home, name), { force: true })
  rmSync(join(home, name + MARKS), { force: true })
}

/** Keeps damaged bytes for whoever wants to look at them, under a line that tells where they were. */
export function setAside(directory: string, origin: string, bytes: Uint8Array): void {
  const parts = [Buffer.from(`# ${origin}\n`), bytes, Buffer.from('\n')]
  appendFileSync(join(directory, CORRUPT), Buffer.concat(parts), { mode: 0o600 })
}
