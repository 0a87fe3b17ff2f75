import type { JSX } from 'preact'
import { type Answer, callApi } from '../adapters/api.ts'
import { formatBytes, formatCount } from '../core/format.ts'
import { type LakeDay, type LakeFile, sumDays } from '../core/lake-days.ts'
import { Code } from '../parts/code.tsx'
import { Empty, Loaded } from '../parts/states.tsx'
import { useLoad } from '../use-load.ts'

/** Answers of the listing that are asked for: 20,000 files. A larger lake is looked at with SQL. */
const MAX_PAGES = 20

interface LakeList {
  objects: LakeFile[]
  cursor: string | null
}

/** What the lake holds, by day and source, and how to ask it. */
export function LakePage(): JSX.Element {
  const load = useLoad(listLake, '')
  return (
    <>
      <header class="page-head">
        <h1>Lake</h1>
        <button type="button" onClick={load.reload}>
          Refresh
        </button>
      </header>
      <Loaded load={load}>{(list) => <Days list={list} />}</Loaded>
      <h2 class="section">Ask it</h2>
      <Code
        label="Events by name"
        text={'npx tributary sql "SELECT event, count(*) FROM events GROUP BY ALL ORDER BY 2 DESC"'}
      />
      <Code
        label="Everything, as NDJSON"
        text={`curl '${location.origin}/api/events/export' -H 'Authorization: Bearer YOUR_ADMIN_TOKEN' > events.ndjson`}
      />
      <Code
        label="Turn closed days into Parquet now"
        text={`curl -X POST ${location.origin}/api/compact -H 'Authorization: Bearer YOUR_ADMIN_TOKEN'`}
      />
    </>
  )
}

async function listLake(): Promise<Answer<LakeList>> {
  const objects: LakeFile[] = []
  let cursor: string | null = ''
  for (let page = 0; page < MAX_PAGES && cursor !== null; page++) {
    const query: string = cursor === '' ? '' : `?cursor=${encodeURIComponent(cursor)}`
    const answer: Answer<LakeList> = await callApi(`/api/lake${query}`)
    if (!answer.ok) return answer
    objects.push(...answer.value.objects)
    cursor = answer.value.cursor
  }
  return { ok: true, value: { objects, cursor } }
}

const STATES: Record<LakeDay['state'], string> = {
  open: 'as it came',
  compacted: 'Parquet',
  mixed: 'Parquet and newer',
}

function Days({ list: { objects, cursor } }: { list: LakeList }): JSX.Element {
  const days = sumDays(objects)
  if (days.length === 0) {
    return <Empty>The lake is empty. Journals write into it half a minute after an event.</Empty>
  }
  const total = days.reduce((sum, { bytes }) => sum + bytes, 0)
  return (
    <>
      <p class="quiet note">
        {formatBytes(total)} in {formatCount(objects.length)} files
        {cursor !== null && ', and more that are not summed up here'}.
      </p>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Day (UTC)</th>
              <th scope="col" class="text">
                Source
              </th>
              <th scope="col">Size</th>
              <th scope="col">Files</th>
              <th scope="col">Of quarantine</th>
              <th scope="col" class="text">
                Form
              </th>
            </tr>
          </thead>
          <tbody>
            {days.map((day) => (
              <tr key={`${day.date} ${day.source}`}>
                <th scope="row">{day.date}</th>
                <td class="text">{day.source}</td>
                <td>{formatBytes(day.bytes)}</td>
                <td>{formatCount(day.files)}</td>
                <td>{formatCount(day.quarantine)}</td>
                <td class="text">{STATES[day.state]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
