/** A table; the first column has no title. */
export function table(titles, rows) {
  return [`| | ${titles.join(' | ')} |`, `|---|${titles.map(() => '---').join('|')}|`]
    .concat(rows.map((row) => `| ${row.join(' | ')} |`))
    .join('\n')
}

/** Two figures up to a hundred, whole above: so that a table is the same wherever it is made. */
export function formatNumber(value) {
  if (!Number.isFinite(value)) return '–'
  return value >= 100
    ? Math.round(value).toLocaleString('en')
    : String(Number(value.toPrecision(2)))
}

/**
 * A document with what stands between `<!-- name:begin -->` and `<!-- name:end -->` replaced.
 *
 * @throws Error where it has no such place.
 */
export function withSection(document, name, text) {
  const [beginMark, endMark] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`]
  const [begin, end] = [document.indexOf(beginMark), document.indexOf(endMark)]
  if (begin < 0 || end < begin) throw new Error(`The document has no ${beginMark} … ${endMark}.`)
  return `${document.slice(0, begin + beginMark.length)}\n${text}\n${document.slice(end)}`
}
