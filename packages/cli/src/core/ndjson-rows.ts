import { isJsonObject, type JsonObject } from '@tributary/protocol'
import type { CsvReader } from './csv-records.ts'
import type { Row } from './row.ts'

/** Reads one JSON object a line. A row that an import had refused (`{ line, code, record }`) is the record in it. */
export function createNdjsonReader(): CsvReader {
  let line = 0
  return {
    push(lines) {
      const rows: Row[] = []
      for (const text of lines) {
        line++
        if (text.trim() !== '') rows.push(readRow(text, line))
      }
      return rows
    },
    end: () => [],
  }
}

function readRow(text: string, line: number): Row {
  try {
    const value: unknown = JSON.parse(text)
    if (isJsonObject(value)) return { line, values: recordOf(value) }
    const fault = { code: 'not_an_object', message: 'The line is no JSON object.' }
    return { line, fault, text }
  } catch {
    const fault = { code: 'invalid_json', message: 'The line is no JSON.' }
    return { line, fault, text }
  }
}

function recordOf(value: JsonObject): JsonObject {
  const { record, code, line } = value
  const wasRefused = typeof code === 'string' && typeof line === 'number' && isJsonObject(record)
  return wasRefused ? record : value
}
