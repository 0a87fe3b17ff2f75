import type { QuarantineRecord } from '@tributary/protocol'
import type { JSX } from 'preact'
import { callApi } from '../adapters/api.ts'
import { formatCount, formatTime } from '../core/format.ts'
import { groupRecords, type QuarantineGroup, summaryOf } from '../core/quarantine-groups.ts'
import { Code } from '../parts/code.tsx'
import { Replay } from '../parts/replay.tsx'
import { Empty, Loaded } from '../parts/states.tsx'
import { useLoad } from '../use-load.ts'

/** Records that are looked through: the newest. */
const LIMIT = 500

/** Samples that a group shows. */
const SAMPLES = 5

interface QuarantineList {
  quarantine: QuarantineRecord[]
  cursor: string | null
}

/** What was refused, by reason, and its replay. */
export function QuarantinePage(): JSX.Element {
  const load = useLoad(() => callApi<QuarantineList>(`/api/quarantine?limit=${LIMIT}`), '')
  return (
    <>
      <header class="page-head">
        <h1>Quarantine</h1>
        <button type="button" onClick={load.reload}>
          Refresh
        </button>
      </header>
      <Loaded load={load}>{(list) => <Groups list={list} />}</Loaded>
    </>
  )
}

function Groups({ list: { quarantine, cursor } }: { list: QuarantineList }): JSX.Element {
  if (quarantine.length === 0) {
    return <Empty>Nothing was refused. What is refused is kept here, with the reason.</Empty>
  }
  return (
    <>
      <p class="quiet note">
        {cursor === null
          ? `${formatCount(quarantine.length)} refused records.`
          : `The newest ${formatCount(quarantine.length)} refused records; there are more.`}
      </p>
      {groupRecords(quarantine).map((group) => (
        <Group key={`${group.code} ${group.source}`} group={group} />
      ))}
    </>
  )
}

function Group({ group }: { group: QuarantineGroup }): JSX.Element {
  const { code, source, records, newest } = group
  return (
    <details class="group">
      <summary data-row>
        <strong>
          <code>{code}</code>
        </strong>
        <span>{source}</span>
        <span class="number">{formatCount(records.length)}</span>
        <time dateTime={newest} class="quiet">
          last {formatTime(newest)}
        </time>
      </summary>
      <p>{records[0]?.message}</p>
      <Replay code={code} source={source} />
      <h3>Samples</h3>
      {records.slice(0, SAMPLES).map((record) => (
        <details key={record.id} class="sample">
          <summary>
            <time dateTime={record.receivedAt}>{formatTime(record.receivedAt)}</time>
            <code>{summaryOf(record.payload)}</code>
          </summary>
          <Code label="As it came" text={JSON.stringify(record, null, 2)} />
        </details>
      ))}
    </details>
  )
}
