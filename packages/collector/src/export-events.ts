import { allJournals } from './adapters/journal-stubs.ts'
import { readObject, sourcesByDate } from './adapters/lake.ts'
import { fileLines, isPart, type LakeFile, readableFiles } from './adapters/lake-files.ts'
import type { StoredRecord } from './core/record.ts'
import type { CollectorEnv } from './env.ts'

/** What an export asks for: arrival from `from` (inclusive) to `to` (exclusive), ISO 8601. */
export interface ExportRange {
  source?: string
  from?: string
  to?: string
}

/** Drains every journal: afterwards the lake has everything that was acknowledged before the call. */
export async function drainJournals(env: CollectorEnv, shards: number): Promise<void> {
  await Promise.all(allJournals(env, shards).map((journal) => journal.drainAll()))
}

/**
 * Every event that was acknowledged before the call, as NDJSON, each exactly once; a person's events keep their order.
 * The journals are drained first, so that the lake alone has the answer.
 *
 * @throws Error when the journals cannot be drained or the lake cannot be listed.
 */
export async function exportEvents(
  env: CollectorEnv,
  shards: number,
  range: ExportRange,
): Promise<ReadableStream<Uint8Array>> {
  await drainJournals(env, shards)
  const days = (await sourcesByDate(env.LAKE, 'events', range.source))
    .reverse()
    .filter(([date]) => date >= (range.from ?? '').slice(0, 10) && date < (range.to ?? '\uffff'))
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const write = async () => {
    for (const [date, sources] of days) {
      for (const source of sources) {
        // Listed when it is its turn: what a compaction deletes meanwhile must not be what a long export still wants.
        for (const file of await readableFiles(env.LAKE, 'events', source, date)) {
          await writeFile(env.LAKE, file, range, writable)
        }
      }
    }
    await writable.close()
  }
  // A failure half-way must not look like the end: the answer breaks off.
  write().catch((error) => writable.abort(error).catch(() => undefined))
  return readable
}

/** Writes what of a file is in the range. In memory is at most one file, and of its lines some thousands. */
async function writeFile(
  bucket: R2Bucket,
  file: LakeFile,
  range: ExportRange,
  writable: WritableStream<Uint8Array>,
): Promise<void> {
  const { from = '', to = '\uffff' } = range
  if (file.lastReceivedAt < from || file.firstReceivedAt >= to) return
  const isInside = file.firstReceivedAt >= from && file.lastReceivedAt < to
  if (isInside && !isPart(file)) {
    const content = await readObject(bucket, file.key)
    await content.pipeTo(writable, { preventClose: true })
    return
  }
  const writer = writable.getWriter()
  for await (const lines of fileLines(bucket, file)) {
    const wanted = isInside ? lines : lines.filter((line) => isBetween(line, from, to))
    await writer.write(new TextEncoder().encode(wanted.map((line) => `${line}\n`).join('')))
  }
  writer.releaseLock()
}

function isBetween(line: string, from: string, to: string): boolean {
  const { receivedAt } = JSON.parse(line) as StoredRecord
  return receivedAt >= from && receivedAt < to
}
