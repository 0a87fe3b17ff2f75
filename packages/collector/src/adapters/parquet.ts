import { type AsyncBuffer, parquetMetadataAsync, parquetRead, type SchemaElement } from 'hyparquet'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { EVENT_COLUMNS, type EventTable, emptyTable } from '../core/event-columns.ts'
import { PARQUET_GROUP_ROWS } from '../limits.ts'

const UTF8_ENCODER = new TextEncoder()
/** Unlike the default, this keeps a byte order mark at the beginning of a text. */
const UTF8_DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const ELEMENTS = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  time: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
  // With `converted_type: 'JSON'` the writer would take values for ones to stringify; this is text already.
  json: { type: 'BYTE_ARRAY', logical_type: { type: 'JSON' } },
} as const satisfies Record<string, Partial<SchemaElement>>

const SCHEMA: SchemaElement[] = [
  { name: 'event', num_children: EVENT_COLUMNS.length },
  ...EVENT_COLUMNS.map(
    ({ name, form }): SchemaElement => ({ name, repetition_type: 'OPTIONAL', ...ELEMENTS[form] }),
  ),
]

/** What a table holds of each form, as the writer takes it. */
const TO_WRITER: Record<keyof typeof ELEMENTS, (value: string) => unknown> = {
  text: (value) => value,
  time: (value) => new Date(value),
  json: (value) => UTF8_ENCODER.encode(value),
}

const PARSERS = {
  stringFromBytes: (bytes: Uint8Array | undefined) => bytes && UTF8_DECODER.decode(bytes),
  timestampFromMilliseconds: (ms: bigint) => new Date(Number(ms)).toISOString(),
}

/** A table as one Parquet file, compressed with Snappy. Equal tables give equal files. */
export function writeParquet(table: EventTable): ArrayBuffer {
  return parquetWriteBuffer({
    schema: SCHEMA,
    columnData: EVENT_COLUMNS.map(({ name, form }) => ({
      name,
      data: (table.get(name) ?? []).map((value) =>
        value === null ? null : TO_WRITER[form](value),
      ),
      // Bounds of JSON help no reader, and would be written whole.
      statistics: form !== 'json',
    })),
    rowGroupSize: PARQUET_GROUP_ROWS,
    createdBy: 'tributary',
  })
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
