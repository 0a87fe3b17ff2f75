import { allJournals } from './adapters/journal-stubs.ts'
import {
  type LakeObject,
  listObjects,
  readLines,
  readObject,
  sourcesByDate,
} from './adapters/lake.ts'
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
  const objects: LakeObject[] = []
  const newestFirst = await sourcesByDate(env.LAKE, 'events', range.source)
  for (const [date, sources] of newestFirst.reverse()) {
    for (const source of sources) {
      for await (const object of listObjects(env.LAKE, 'events', source, date)) {
        const isBefore = range.from !== undefined && object.lastReceivedAt < range.from
        const isAfter = range.to !== undefined && object.firstReceivedAt >= range.to
        if (!isBefore && !isAfter) objects.push(object)
      }
    }
  }
  return streamObjects(env.LAKE, objects, range)
}

function streamObjects(
  bucket: R2Bucket,
  objects: readonly LakeObject[],
  range: ExportRange,
): ReadableStream<Uint8Array> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const write = async () => {
    for (const object of objects) {
      if (isInside(object, range)) {
        const content = await readObject(bucket, object.key)
        await content.pipeTo(writable, { preventClose: true })
      } else {
        const lines = (await readLines(bucket, object.key)).filter((line) => {
          const { receivedAt } = JSON.parse(line) as StoredRecord
          return receivedAt >= (range.from ?? '') && receivedAt < (range.to ?? '\uffff')
        })
        const writer = writable.getWriter()
        await writer.write(new TextEncoder().encode(lines.map((line) => `${line}\n`).join('')))
        writer.releaseLock()
      }
    }
    await writable.close()
  }
  // A failure half-way must not look like the end: the answer breaks off.
  write().catch((error) => writable.abort(error).catch(() => undefined))
  return readable
}

/** Whether every record of the object is in the range, so that it need not be read line by line. */
function isInside(object: LakeObject, { from, to }: ExportRange): boolean {
  return (
    (from === undefined || object.firstReceivedAt >= from) &&
    (to === undefined || object.lastReceivedAt < to)
  )
}
