import { createWriteStream, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { readWhole, writeWhole } from './adapters/checkpoint.ts'
import type { LakeObject } from './adapters/lake-listing.ts'
import { createProgress } from './adapters/progress.ts'
import { CliError } from './cli-error.ts'

/** Where a lake is copied from. */
export interface LakeOrigin {
  list(prefix: string): AsyncIterable<LakeObject>
  /** @throws CliError with the code `not_found` where the file is gone. */
  read(key: string): Promise<Response>
}

/** What of the lake is wanted. */
export interface LakeRange {
  source?: string
  /** Dates of arrival, both inclusive. */
  from?: string
  to?: string
}

/** What the copy has, by key: the etag of each file. */
type CopyNote = Record<string, string>

const NOTE = 'copy.json'
const PARALLEL = 8

/** Compaction that ends while we copy takes files away from under us; then from the beginning. */
const MAX_ATTEMPTS = 3

/**
 * Brings a folder up to the lake: fetches what it has not, takes away what the lake has no more.
 *
 * @returns How many files were fetched.
 */
export async function copyLake(origin: LakeOrigin, range: LakeRange, to: string): Promise<number> {
  mkdirSync(join(to, 'events'), { recursive: true })
  for (let attempt = 1; ; attempt++) {
    try {
      return await copyOnce(origin, range, to)
    } catch (error) {
      const isGone = error instanceof CliError && error.code === 'not_found'
      if (!isGone || attempt === MAX_ATTEMPTS) throw error
    }
  }
}

/**
 * First the manifests, then a list of everything else: what a manifest names is there by then, and what it does not name
 * or covers already does not count (docs/operations.md, "Back up").
 */
async function copyOnce(origin: LakeOrigin, range: LakeRange, to: string): Promise<number> {
  const note = readWhole<CopyNote>(join(to, NOTE)) ?? {}
  const prefix = range.source === undefined ? 'events/' : `events/source=${range.source}/`
  const wanted = async (isManifest: boolean) => {
    const objects: LakeObject[] = []
    for await (const object of origin.list(prefix)) {
      if (object.key.endsWith('/_manifest.json') === isManifest && isInRange(object.key, range)) {
        objects.push(object)
      }
    }
    return objects
  }
  const manifests = await wanted(true)
  let fetched = await fetchAll(origin, manifests, note, to)
  const others = await wanted(false)
  fetched += await fetchAll(origin, others, note, to)
  const present = new Set([...manifests, ...others].map(({ key }) => key))
  for (const key of Object.keys(note)) {
    if (present.has(key) || !key.startsWith(prefix) || !isInRange(key, range)) continue
    rmSync(join(to, key), { force: true })
    delete note[key]
  }
  writeWhole(join(to, NOTE), JSON.stringify(note))
  return fetched
}

function isInRange(key: string, { from = '', to = '9999-12-31' }: LakeRange): boolean {
  const date = /^events\/source=[a-z0-9_-]+\/date=(\d{4}-\d{2}-\d{2})\/[\w.-]+$/.exec(key)?.[1]
  // The pattern also keeps a key from leading out of the folder.
  return date !== undefined && date >= from && date <= to
}

async function fetchAll(
  origin: LakeOrigin,
  objects: readonly LakeObject[],
  note: CopyNote,
  to: string,
): Promise<number> {
  const missing = objects.filter(({ key, etag }) => note[key] !== etag)
  const bytes = missing.reduce((sum, object) => sum + object.bytes, 0)
  const progress = createProgress()
  let done = 0
  const queue = [...missing]
  const work = async () => {
    for (let object = queue.shift(); object; object = queue.shift()) {
      await fetchOne(origin, object.key, join(to, object.key))
      note[object.key] = object.etag
      done += object.bytes
      progress.show(done / bytes, `${queue.length} files of the lake to fetch`)
    }
  }
  try {
    await Promise.all(Array.from({ length: PARALLEL }, work))
  } finally {
    progress.end()
    // Also where it was cut off: what is there need not be fetched again.
    writeWhole(join(to, NOTE), JSON.stringify(note))
  }
  return missing.length
}

async function fetchOne(origin: LakeOrigin, key: string, path: string): Promise<void> {
  const response = await origin.read(key)
  mkdirSync(dirname(path), { recursive: true })
  const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0])
  await pipeline(body, createWriteStream(`${path}.part`))
  renameSync(`${path}.part`, path)
}
