import type { SeriesAnswer, SeriesRange } from '@tributary/protocol'
import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { callApi } from '../adapters/api.ts'
import { chartsOf, RANGES } from '../core/series-charts.ts'
import { LineChart } from '../parts/line-chart.tsx'
import { Empty, Loaded } from '../parts/states.tsx'
import { useLoad } from '../use-load.ts'

const REFRESH_MS = 10_000

/** How events have come, and what became of them, over time. */
export function DeliveryPage(): JSX.Element {
  const [range, setRange] = useState<SeriesRange>('hour')
  const load = useLoad(() => callApi<SeriesAnswer>(`/api/series?range=${range}`), range, REFRESH_MS)
  return (
    <>
      <header class="page-head">
        <h1>Delivery</h1>
        <fieldset class="ranges">
          <legend class="unseen">Range</legend>
          {RANGES.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === range}
              onClick={() => setRange(one)}
            >
              Last {one}
            </button>
          ))}
        </fieldset>
      </header>
      <Loaded load={load}>{(series) => <Charts series={series} />}</Loaded>
    </>
  )
}

function Charts({ series }: { series: SeriesAnswer }): JSX.Element {
  const charts = useMemo(() => chartsOf(series), [series])
  const isQuiet =
    Object.keys(series.accepted).length === 0 && Object.keys(series.rejected).length === 0
  if (isQuiet) return <Empty>Nothing has come in the last {series.range}.</Empty>
  return (
    <>
      <div class="charts">
        {charts.map((chart) => (
          <LineChart key={chart.title} chart={chart} times={series.times} />
        ))}
      </div>
      <p class="quiet note">
        Times are UTC. Losses are as of the last drain, half a minute ago at most. Costs are list
        prices of the operations counted, without CPU and storage.
      </p>
    </>
  )
}
