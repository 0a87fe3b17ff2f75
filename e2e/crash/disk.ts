import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A disk for a collector's data that can be filled up and freed again. */
export interface Disk {
  folder: string
  /** Whether it can be filled: it is a file system of its own, which to mount takes rights. */
  canFill: boolean
  isFull(): boolean
  fill(): void
  free(): void
  remove(): void
}

/** Steps in which the rest of the space is taken: large ones for speed, then pages. */
const STEPS_BYTES = [1024 * 1024, 4096]

/** A disk in memory of this size; a plain folder that cannot be filled where the system does not let us mount one. */
export function createDisk(megabytes: number): Disk {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-crash-'))
  const mount = ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]
  const canFill = spawnSync('mount', mount).status === 0
  const ballast = join(folder, 'ballast')
  return {
    folder,
    canFill,
    isFull: () => existsSync(ballast),
    fill() {
      const file = openSync(ballast, 'w')
      for (const step of STEPS_BYTES) writeUntilFull(file, Buffer.alloc(step))
      closeSync(file)
    },
    free: () => rmSync(ballast, { force: true }),
    remove() {
      if (canFill) spawnSync('umount', ['--lazy', folder])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function writeUntilFull(file: number, block: Buffer): void {
  try {
    while (writeSync(file, block) === block.length);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
}
