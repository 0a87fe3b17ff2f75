/** A text with columns in it, such as `deal-{Deal ID}`. */
export interface Template {
  /** Columns that it names. */
  columns: string[]
  /** What it comes to: the column's own value where it is nothing but one column, else text; `undefined` where a column is empty. */
  fill(values: Record<string, unknown>): unknown
}

/** Reads a template. Braces hold a column's name, or the path to a value inside a nested one: `{properties.price}`. */
export function parseTemplate(text: string): Template {
  const pieces = text.split(/\{([^{}]+)\}/)
  const columns = pieces.filter((_, index) => index % 2 === 1)
  const [before, column, after] = pieces
  if (columns.length === 1 && before === '' && after === '') {
    return { columns, fill: (values) => columnValue(values, column as string) }
  }
  return {
    columns,
    fill(values) {
      let filled = ''
      for (const [index, piece] of pieces.entries()) {
        const value = index % 2 === 1 ? columnValue(values, piece) : piece
        if (value === undefined) return undefined
        filled += typeof value === 'object' ? JSON.stringify(value) : String(value)
      }
      return filled
    },
  }
}

/** What a column holds; text without the spaces around it; `undefined` for nothing at all. */
function columnValue(values: Record<string, unknown>, column: string): unknown {
  let value = values[column]
  if (value === undefined && column.includes('.')) {
    value = column
      .split('.')
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], values)
  }
  if (typeof value === 'string') {
    const text = value.trim()
    return text === '' ? undefined : text
  }
  return value ?? undefined
}
