import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import type { Chart } from '../core/series-charts.ts'

const HEIGHT_PX = 150
const DAY_MS = 24 * 60 * 60 * 1000

/** Shades that differ in light and in dark; the accent comes first. */
const DASHES = [[], [6, 3], [2, 3], [10, 4], [8, 3, 2, 3]]

interface LineChartProps {
  chart: Chart
  /** Beginning of each step, milliseconds since 1970. */
  times: number[]
}

/** A chart of lines, as wide as there is room. */
export function LineChart({ chart, times }: LineChartProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null)
  const scheme = useScheme()
  useEffect(() => {
    if (!place.current) return undefined
    const plot = draw(place.current, chart, times)
    const watcher = new ResizeObserver(([entry]) => {
      plot.setSize({ width: Math.floor(entry?.contentRect.width ?? 300), height: HEIGHT_PX })
    })
    watcher.observe(place.current)
    return () => {
      watcher.disconnect()
      plot.destroy()
    }
  }, [chart, times, scheme])
  return (
    <figure class="chart">
      <figcaption>
        <strong>{chart.title}</strong> <span class="quiet">{chart.summary}</span>
      </figcaption>
      <div ref={place} class="plot" role="img" aria-label={`${chart.title}: ${chart.summary}`} />
    </figure>
  )
}

function draw(place: HTMLElement, { lines, format }: Chart, times: number[]): uPlot {
  const style = getComputedStyle(document.documentElement)
  const axis = {
    stroke: colour(style, '--quiet'),
    grid: { stroke: colour(style, '--line'), width: 1 },
  }
  const options: uPlot.Options = {
    width: place.clientWidth,
    height: HEIGHT_PX,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    cursor: { y: false, points: { size: 6 } },
    scales: { y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.1 : 1] } },
    axes: [
      { ...axis, values: (_plot, ticks) => ticks.map((tick) => tickText(tick, times)) },
      { ...axis, size: 68, values: (_plot, ticks) => ticks.map(format) },
    ],
    series: [
      { label: 'UTC', value: '{YYYY}-{MM}-{DD} {HH}:{mm}' },
      ...lines.map(({ label, values }, index) => ({
        label,
        stroke: colour(style, `--line-${(index % 5) + 1}`),
        width: 1.5,
        dash: DASHES[Math.floor(index / 5) % DASHES.length] ?? [],
        // A figure between gaps is no line.
        points: { show: values.includes(null), size: 5 },
        spanGaps: true,
        value: (_plot: uPlot, value: number | null) => (value === null ? '—' : format(value)),
      })),
    ],
  }
  const seconds = times.map((ms) => ms / 1000)
  return new uPlot(options, [seconds, ...lines.map(({ values }) => values)], place)
}

/** A time in UTC: the time of day, and beyond a day or so the date. */
function tickText(seconds: number, times: readonly number[]): string {
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0)
  const iso = new Date(seconds * 1000).toISOString()
  return span > 2 * DAY_MS ? iso.slice(5, 10) : iso.slice(11, 16)
}

function colour(style: CSSStyleDeclaration, name: string): string {
  return style.getPropertyValue(name).trim()
}

/** Light or dark; a canvas does not follow it by itself. */
function useScheme(): boolean {
  const [query] = useState(() => matchMedia('(prefers-color-scheme: dark)'))
  const [isDark, setDark] = useState(query.matches)
  useEffect(() => {
    const update = () => setDark(query.matches)
    query.addEventListener('change', update)
    return () => query.removeEventListener('change', update)
  }, [query])
  return isDark
}
