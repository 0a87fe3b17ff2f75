import type { Row } from './row.ts'

/**
 * A quoted field may span lines. One that is still open after so many was never closed; without a bound it would take
 * the rest of the file along.
 */
const MAX_LINES_OF_RECORD = 200

const DELIMITERS = [',', ';', '\t', '|']

/** A record whose last field may still be open. */
interface Scan {
  fields: string[]
  /** The quoted field that is open at the end of the line, so far. */
  open: string | undefined
  /** A field of several lines has a quote that is not doubled: it is another field's, and this one was never closed. */
  isBroken?: boolean
}

/** Turns the lines of a CSV file into rows, whatever is wrong with some of them. */
export interface CsvReader {
  /** Takes the next lines, without their ends; gives the rows that they complete. */
  push(lines: readonly string[]): Row[]
  /** The last rows, once there are no more lines. */
  end(): Row[]
}

/**
 * Reads CSV as spreadsheets and CRMs write it (RFC 4180, and what they make of it): any of four delimiters, `sep=` in
 * the first line, quotes inside of fields, line breaks inside of quotes. A quote that is not closed costs its own line and
 * no other: the lines behind it are read again as rows of their own.
 *
 * @param delimiter One character; found by the heading where it is not given.
 */
export function createCsvReader(delimiter?: string): CsvReader {
  const state: ReaderState = {
    delimiter,
    columns: undefined,
    line: 0,
    pending: [],
    scan: undefined,
  }
  return {
    push(lines) {
      const rows: Row[] = []
      for (const line of lines) takeLine(state, line, rows)
      return rows
    },
    end() {
      const rows: Row[] = []
      while (state.pending.length > 0) giveUpFirst(state, UNCLOSED, rows)
      return rows
    },
  }
}

interface ReaderState {
  delimiter: string | undefined
  columns: string[] | undefined
  /** Lines that belong to rows that are read. */
  line: number
  /** Lines of the record that is not complete. */
  pending: string[]
  scan: Scan | undefined
}

const UNCLOSED = 'A quote is opened in this line and never closed.'

function takeLine(state: ReaderState, line: string, rows: Row[]): void {
  if (state.pending.length === 0) {
    if (line.trim() === '') {
      state.line++
      return
    }
    if (!state.delimiter) {
      const named = /^"?sep=(.)"?$/i.exec(line)?.[1]
      state.delimiter = named ?? findDelimiter(line)
      if (named) {
        state.line++
        return
      }
    }
  }
  state.pending.push(line)
  state.scan = scanLine(line, state.delimiter as string, state.scan)
  if (state.scan.isBroken) giveUpFirst(state, UNCLOSED, rows)
  else if (state.scan.open !== undefined) {
    if (state.pending.length >= MAX_LINES_OF_RECORD) giveUpFirst(state, UNCLOSED, rows)
  } else completeRecord(state, state.scan.fields, rows)
}

function completeRecord(state: ReaderState, fields: string[], rows: Row[]): void {
  if (!state.columns) state.columns = nameColumns(fields)
  else {
    const { columns } = state
    while (fields.length > columns.length && fields.at(-1) === '') fields.pop()
    if (fields.length !== columns.length) {
      const message = `The line has ${fields.length} fields where the heading has ${columns.length}.`
      giveUpFirst(state, message, rows)
      return
    }
    const values: Record<string, unknown> = {}
    for (let index = 0; index < columns.length; index++) {
      values[columns[index] as string] = fields[index]
    }
    rows.push({ line: state.line + 1, values })
  }
  state.line += state.pending.length
  state.pending = []
  state.scan = undefined
}

/** Reports the first line of what is pending, and reads the others as if it were not there. */
function giveUpFirst(state: ReaderState, message: string, rows: Row[]): void {
  const [first = '', ...others] = state.pending
  state.line++
  state.pending = []
  state.scan = undefined
  rows.push({ line: state.line, fault: { code: 'invalid_csv', message }, text: first })
  for (const line of others) takeLine(state, line, rows)
}

/** Reads one line, as the go-on of `before` where a field is open there. */
function scanLine(line: string, delimiter: string, before: Scan | undefined): Scan {
  if (before?.open === undefined) return scanFields(line, 0, delimiter, [])
  const { fields, open } = before
  const closing = findClosing(line, 0, delimiter)
  if (hasLoneQuote(line, closing?.quote)) return { fields, open, isBroken: true }
  const text = `${open}\n${unquote(line, 0, closing?.quote)}`
  if (!closing) return { fields, open: text }
  return scanFields(line, closing.next + 1, delimiter, [...fields, text])
}

/** Reads the fields from a place in the line on; none where that is behind its end. */
function scanFields(line: string, from: number, delimiter: string, fields: string[]): Scan {
  if (from === 0 && !line.includes('"')) return { fields: line.split(delimiter), open: undefined }
  let at = from
  while (at <= line.length) {
    const isQuoted = line[at] === '"'
    const closing = isQuoted ? findClosing(line, at + 1, delimiter) : undefined
    if (isQuoted && !closing) return { fields, open: unquote(line, at + 1, undefined) }
    const found = closing?.next ?? line.indexOf(delimiter, at)
    const end = found < 0 ? line.length : found
    fields.push(closing ? unquote(line, at + 1, closing.quote) : line.slice(at, end))
    at = end + 1
  }
  return { fields, open: undefined }
}

function unquote(line: string, from: number, to: number | undefined): string {
  return line.slice(from, to).replaceAll('""', '"')
}

/**
 * The quote that closes a field: one that a delimiter or the line's end follows, spaces aside. Any other is text, as many
 * programs do not double them.
 */
function findClosing(
  line: string,
  from: number,
  delimiter: string,
): { quote: number; next: number } | undefined {
  let quote = line.indexOf('"', from)
  while (quote >= 0) {
    if (line[quote + 1] === '"') {
      quote = line.indexOf('"', quote + 2)
      continue
    }
    let next = quote + 1
    while (line[next] === ' ' && delimiter !== ' ') next++
    if (next >= line.length || line[next] === delimiter) return { quote, next }
    quote = line.indexOf('"', quote + 1)
  }
  return undefined
}

function hasLoneQuote(line: string, end: number | undefined): boolean {
  return line.slice(0, end).replaceAll('""', '').includes('"')
}

/** The delimiter that a heading has most of, outside of quotes; a comma where it has none. */
function findDelimiter(heading: string): string {
  const bare = heading.replace(/"[^"]*"/g, '')
  const count = (delimiter: string) => bare.split(delimiter).length
  return [...DELIMITERS].sort((a, b) => count(b) - count(a))[0] as string
}

/** Names by which columns can be told apart: those without one, and those that repeat one, are numbered. */
function nameColumns(fields: readonly string[]): string[] {
  const names: string[] = []
  for (const [index, field] of fields.entries()) {
    const name = field.trim() || `column_${index + 1}`
    names.push(names.includes(name) ? `${name}_${index + 1}` : name)
  }
  return names
}
