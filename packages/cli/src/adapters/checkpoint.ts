import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { CliError } from '../cli-error.ts'

/**
 * Writes a file as a whole: whoever reads it, after whatever end of this process, has the former text or this one.
 *
 * @throws CliError when the disk does not take it.
 */
export function writeWhole(path: string, text: string): void {
  const next = `${path}.new`
  try {
    const file = openSync(next, 'w')
    try {
      writeFileSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(next, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new CliError('file_unwritable', `${path} cannot be written (${code}).`)
  }
}

/** What a file has that {@link writeWhole} wrote; `undefined` where there is none, or nothing to be read in it. */
export function readWhole<State>(path: string): State | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as State
  } catch {
    return undefined
  }
}

/** Takes it away. */
export function removeWhole(path: string): void {
  rmSync(path, { force: true })
}
