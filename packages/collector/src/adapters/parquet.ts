import { type AsyncBuffer, parquetMetadataAsync, parquetRead, type SchemaElement } from 'hyparquet'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { EVENT_COLUMNS, type EventTable, emptyTable } from '../core/event-columns.ts'
import { PARQUET_GROUP_ROWS } from '../limits.ts'

/** Unlike the default, this keeps a byte order mark at the beginning of a text. */
const UTF8_DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const ELEMENTS = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  time: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
  // Text to every reader: DuckDB takes Parquet's JSON for bytes, unless it is marked in a way in which the writer would
  // write it anew.
  json: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
} as const satisfies Record<string, Partial<SchemaElement>>

const SCHEMA: SchemaElement[] = [
  { name: 'event', num_children: EVENT_COLUMNS.length },
  ...EVENT_COLUMNS.map(
    ({ name, form }): SchemaElement => ({ name, repetition_type: 'OPTIONAL', ...ELEMENTS[form] }),
  ),
]

const PARSERS = {
  stringFromBytes: (bytes: Uint8Array | undefined) => bytes && UTF8_DECODER.decode(bytes),
  timestampFromMilliseconds: (ms: bigint) => new Date(Number(ms)).toISOString(),
}

/** How an object of the lake says that it is one. */
export const PARQUET_METADATA = {
  contentType: 'application/vnd.apache.parquet',
} as const satisfies R2HTTPMetadata

/**
 * A table as one Parquet file, read back: what it was made of will be deleted, so it is not trusted.
 *
 * @throws Error when it is not read as it was written.
 */
export async function writeChecked(table: EventTable): Promise<ArrayBuffer> {
  const file = writeParquet(table)
  let row = 0
  for await (const group of readParquet(file)) {
    let rows = 0
    for (const [name, values] of group) {
      const wanted = table.get(name) ?? []
      rows = values.length
      const wrong = values.findIndex((value, index) => value !== wanted[row + index])
      if (wrong !== -1)
        throw new Error(`Row ${row + wrong} of ${name} is not read as it was written.`)
    }
    row += rows
  }
  if (row !== table.get('messageId')?.length) throw new Error('The file has not all the rows.')
  return file
}

/** A table as one Parquet file, compressed with Snappy. Equal tables give equal files. */
export function writeParquet(table: EventTable): ArrayBuffer {
  return parquetWriteBuffer({
    schema: SCHEMA,
    columnData: EVENT_COLUMNS.map(({ name, form }) => ({
      name,
      data: toWriter(table.get(name) ?? [], form),
      // Bounds of JSON help no reader, and would be written whole.
      statistics: form !== 'json',
    })),
    rowGroupSize: PARQUET_GROUP_ROWS,
    createdBy: 'tributary',
  })
}

/** Values as the writer takes them. */
function toWriter(
  values: (string | null)[],
  form: keyof typeof ELEMENTS,
): (string | Date | null)[] {
  if (form !== 'time') return values
  return values.map((value) => (value === null ? null : new Date(value)))
}

/** Reads a Parquet file of {@link writeParquet}, one group of rows at a time. */
export async function* readParquet(file: AsyncBuffer): AsyncGenerator<EventTable> {
  const metadata = await parquetMetadataAsync(file)
  let rowStart = 0
  for (const { num_rows } of metadata.row_groups) {
    const table = emptyTable()
    const rowEnd = rowStart + Number(num_rows)
    await parquetRead({
      file,
      metadata,
      rowStart,
      rowEnd,
      parsers: PARSERS,
      onChunk({ columnName, columnData }) {
        const column = table.get(columnName)
        for (const value of columnData) column?.push(value ?? null)
      },
    })
    yield table
    rowStart = rowEnd
  }
}
