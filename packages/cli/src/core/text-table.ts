/** Longest cell; more is cut, as a terminal would break the line. */
const MAX_CELL = 60

/**
 * Rows under their headings, in columns; numbers to the right.
 *
 * @param rows Cells as text; of one length each.
 * @returns Lines without colours, or none where there are no columns.
 */
export function textTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  const cells = rows.map((row) => row.map(cut))
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...cells.map((row) => [...(row[column] ?? '')].length)),
  )
  const isNumeric = headings.map(
    (_, column) =>
      rows.length > 0 && rows.every((row) => /^-?[\d.,]*( ?%)?$/.test(row[column] ?? '')),
  )
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => {
        const space = ' '.repeat(Math.max((widths[column] ?? 0) - [...cell].length, 0))
        return isNumeric[column] ? space + cell : cell + space
      })
      .join('  ')
      .trimEnd()
  return [line(headings), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)]
}

function cut(cell: string): string {
  const letters = [...cell]
  return letters.length > MAX_CELL ? `${letters.slice(0, MAX_CELL - 1).join('')}…` : cell
}
