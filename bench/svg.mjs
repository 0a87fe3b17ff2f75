/** Plots as SVG text: plain shapes, no script, with colours for pages in light and in dark. */

const WIDTH = 760
const LEFT = 150
const RIGHT = 70
const TOP = 74

const STYLE = `text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-size:16px;font-weight:600}
.note,.tick{fill:#59636e;font-size:12px}.grid{stroke:#d1d9e0}.end{text-anchor:end}.middle{text-anchor:middle}
.bar,.dot{fill:#8c959f}.pale{fill-opacity:.45}.ours{fill:#0969da}text.ours{font-weight:600}
.span{stroke:#8c959f;stroke-width:2}.span.ours{stroke:#0969da}.kept{fill:#0969da}.none{fill:#afb8c1;fill-opacity:.25}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.note,.tick{fill:#9198a1}.grid{stroke:#3d444d}
.bar,.dot{fill:#848d97}.ours,.kept{fill:#4493f8}.span{stroke:#848d97}.span.ours{stroke:#4493f8}.none{fill:#656c76}}`

/**
 * Bars side by side, the shortest first row on top.
 *
 * @param {{ title: string, unit: string, series: string[], rows: { name: string, values: (number | undefined)[] }[] }} plot
 *   A row has a value for each series.
 */
export function barPlot({ title, unit, series, rows }) {
  const thickness = 13
  const pitch = thickness * series.length + 9
  const scale = linearScale(Math.max(...rows.flatMap(({ values }) => values.map((v) => v ?? 0))))
  const bottom = TOP + pitch * rows.length
  const bars = rows.flatMap(({ name, values }, index) => {
    const y = TOP + pitch * index
    return [
      label(name, y + (pitch - 9) / 2 + 4),
      ...values.map((value, nth) => bar(scale, name, value, y + thickness * nth, nth)),
    ]
  })
  return document(title, bottom + 44, [
    ...legend(series, (x, nth) => rect('bar', nth, x, 47, 11, 11)),
    ...axis(scale, unit, bottom),
    ...bars,
  ])
}

/**
 * From one value to a larger one, by orders of magnitude.
 *
 * @param {{ title: string, unit: string, series: [string, string], rows: { name: string, values: [number, number] }[] }} plot
 */
export function rangePlot({ title, unit, series, rows }) {
  const pitch = 22
  const scale = logScale(rows.flatMap(({ values }) => values))
  const bottom = TOP + pitch * rows.length
  const spans = rows.flatMap(({ name, values }, index) => {
    const y = TOP + pitch * index + 8
    const [from, to] = values.map(scale.x)
    const ends = values.map((value) => shortNumber(value)).join(' – ')
    return [
      label(name, y + 4),
      `<line class="span${ours(name)}" x1="${from}" x2="${to}" y1="${y}" y2="${y}"/>`,
      dot(name, 0, from, y),
      dot(name, 1, to, y),
      `<text class="note" x="${to + 8}" y="${y + 4}">${ends}</text>`,
    ]
  })
  return document(title, bottom + 44, [
    ...legend(series, (x, nth) => dot('', nth, x + 5, 52)),
    ...axis(scale, unit, bottom),
    ...spans,
  ])
}

/**
 * A table whose cells are the fuller the larger their share.
 *
 * @param {{ title: string, note: string, columns: { name: string, note: string }[],
 *   rows: { name: string, cells: { share?: number, text: string }[] }[] }} plot
 */
export function gridPlot({ title, note, columns, rows }) {
  const [width, height, top] = [(WIDTH - LEFT - 40) / columns.length, 24, TOP + 80]
  const heads = columns.map((column, index) => {
    const x = round(LEFT + width * (index + 0.5))
    return `<text class="tick" x="${x}" y="${top - 22}" transform="rotate(-40 ${x} ${top - 22})">${escaped(column.name)}</text>
<text class="tick middle" x="${x}" y="${top - 6}">${escaped(column.note)}</text>`
  })
  const cells = rows.flatMap(({ name, cells: values }, row) => [
    label(name, top + height * row + 16),
    ...values.map(({ share, text }, column) => {
      const [x, y] = [round(LEFT + width * column), top + height * row]
      const shade = share
        ? `class="kept" fill-opacity="${(0.15 + 0.6 * share).toFixed(2)}"`
        : 'class="none"'
      return `<rect ${shade} x="${x + 1}" y="${y + 1}" width="${round(width - 2)}" height="${height - 2}" rx="3"/>
<text class="middle" x="${round(x + width / 2)}" y="${y + 16}">${escaped(text)}</text>`
    }),
  ])
  return document(title, top + height * rows.length + 12, [
    `<text class="note" x="10" y="48">${escaped(note)}</text>`,
    ...heads,
    ...cells,
  ])
}

function document(title, height, parts) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">
<style>${STYLE}</style>
<text class="title" x="10" y="24">${escaped(title)}</text>
${parts.join('\n')}
</svg>
`
}

function label(name, y) {
  return `<text class="end${ours(name)}" x="${LEFT - 8}" y="${y}">${escaped(name)}</text>`
}

function bar(scale, name, value, y, nth) {
  if (value === undefined) return ''
  const end = scale.x(value)
  return `${rect(`bar${ours(name)}`, nth, LEFT, y, end - LEFT, 11)}
<text class="note" x="${end + 5}" y="${y + 10}">${shortNumber(value)}</text>`
}

function rect(kind, nth, x, y, width, height) {
  return `<rect class="${kind}${nth ? ' pale' : ''}" x="${x}" y="${y}" width="${Math.max(1, width)}" height="${height}" rx="1"/>`
}

function dot(name, nth, x, y) {
  return `<circle class="dot${ours(name)}${nth ? ' pale' : ''}" cx="${x}" cy="${y}" r="5"/>`
}

function legend(series, mark) {
  return series.flatMap((name, nth) => {
    const x = LEFT + 200 * nth
    return [mark(x, nth), `<text class="note" x="${x + 17}" y="56">${escaped(name)}</text>`]
  })
}

function axis({ x, ticks }, unit, bottom) {
  return [
    ...ticks.map(
      (
        value,
      ) => `<line class="grid" x1="${x(value)}" x2="${x(value)}" y1="${TOP - 6}" y2="${bottom}"/>
<text class="tick middle" x="${x(value)}" y="${bottom + 16}">${shortNumber(value)}</text>`,
    ),
    `<text class="note middle" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${bottom + 36}">${escaped(unit)}</text>`,
  ]
}

function linearScale(most) {
  const magnitude = 10 ** Math.floor(Math.log10(most || 1))
  const step = magnitude * ([0.2, 0.5, 1, 2].find((size) => most / (size * magnitude) <= 6) ?? 2)
  const ticks = Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step)
  return { ticks, x: (value) => round(LEFT + (WIDTH - LEFT - RIGHT) * (value / (most || 1))) }
}

/** Whole powers of ten around the values; what is not above zero stands at the left end. */
function logScale(values) {
  const positive = values.filter((value) => value > 0)
  const low = Math.floor(Math.log10(Math.min(...positive)))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...positive))))
  const ticks = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index))
  const share = (value) => (Math.log10(Math.max(value, 10 ** low)) - low) / (high - low)
  return { ticks, x: (value) => round(LEFT + (WIDTH - LEFT - RIGHT - 60) * share(value)) }
}

function ours(name) {
  return name.startsWith('tributary') ? ' ours' : ''
}

function shortNumber(value) {
  return Number(value.toPrecision(value < 100 ? 2 : 3)).toLocaleString('en')
}

function round(value) {
  return Math.round(10 * value) / 10
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
