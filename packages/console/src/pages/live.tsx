import type { JSX } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { callApi } from '../adapters/api.ts'
import { followLive, type LiveState } from '../adapters/live-stream.ts'
import type { PageProps } from '../app.tsx'
import { formatClock, formatCount } from '../core/format.ts'
import {
  addEvents,
  type EventFilter,
  keyOf,
  MAX_LISTED,
  matchesFilter,
  type StoredEvent,
  titleOf,
  whoOf,
} from '../core/stored-event.ts'
import { EventDetail } from '../parts/event-detail.tsx'
import { GettingStarted } from '../parts/getting-started.tsx'
import { Empty, LoadFailure, Waiting } from '../parts/states.tsx'
import { type Load, useLoad } from '../use-load.ts'

/** Before a stream that the collector has refused is asked for again. */
const RETRY_MS = 2000

const TYPES = ['track', 'page', 'screen', 'identify', 'group', 'alias']

/** Events as they are stored. */
export function LivePage({ sources }: PageProps): JSX.Element {
  const [filter, setFilter] = useState<EventFilter>({ source: '', type: '', text: '' })
  const [selected, setSelected] = useState<StoredEvent>()
  const live = useLiveEvents()
  const shown = useMemo(
    () => live.events.filter((event) => matchesFilter(event, filter)),
    [live.events, filter],
  )
  const isNew = live.history.value !== undefined && live.events.length === 0
  return (
    <>
      <header class="page-head">
        <h1>Live</h1>
        <LiveStatus state={live.state} isPaused={live.isPaused} waiting={live.waiting} />
        <button type="button" aria-pressed={live.isPaused} onClick={live.togglePause}>
          {live.isPaused ? 'Go on' : 'Pause'}
        </button>
      </header>
      {live.events.length > 0 && (
        <Filters filter={filter} onChange={setFilter} sources={sources.map(({ id }) => id)} />
      )}
      <LoadFailure load={live.history} />
      {live.history.isBusy && live.events.length === 0 && !live.history.problem && !isNew && (
        <Waiting isSlow={live.history.isSlow} />
      )}
      {isNew && <GettingStarted sources={sources} />}
      {live.events.length > 0 && (
        <div class={selected ? 'split has-detail' : 'split'}>
          <EventList events={shown} selected={selected} onSelect={setSelected} />
          {selected && <EventDetail event={selected} onClose={() => setSelected(undefined)} />}
        </div>
      )}
    </>
  )
}

interface LiveEvents {
  events: StoredEvent[]
  history: Load<{ events: StoredEvent[] }>
  state: LiveState
  isPaused: boolean
  /** Events that have come since the pause. */
  waiting: number
  togglePause: () => void
}

/** The last events, and those that come; a pause keeps what comes back. */
function useLiveEvents(): LiveEvents {
  const history = useLoad(() => callApi<{ events: StoredEvent[] }>('/api/events?limit=100'), '')
  const [events, setEvents] = useState<StoredEvent[]>([])
  const [state, setState] = useState<LiveState>('connecting')
  const [isPaused, setPaused] = useState(false)
  const [held, setHeld] = useState<StoredEvent[]>([])
  const pausedNow = useRef(isPaused)
  pausedNow.current = isPaused
  const take = (more: StoredEvent[]) => {
    const add = pausedNow.current ? setHeld : setEvents
    add((list) => addEvents(list, more))
  }
  const [attempt, setAttempt] = useState(0)
  useEffect(() => followLive(take, setState), [attempt])
  // The list is asked for as well: it has what came in between, and tells whether one is still signed in.
  useEffect(() => {
    if (state !== 'ended') return undefined
    const again = setTimeout(() => {
      setState('connecting')
      history.reload()
      setAttempt((old) => old + 1)
    }, RETRY_MS)
    return () => clearTimeout(again)
  }, [state])
  // What was stored before the stream began comes with the list; what is in both is one.
  useEffect(() => {
    if (history.value) take(history.value.events)
  }, [history.value])
  const togglePause = () => {
    if (isPaused) {
      setEvents((list) => addEvents(list, held))
      setHeld([])
    }
    setPaused(!isPaused)
  }
  return { events, history, state, isPaused, waiting: held.length, togglePause }
}

const STATES: Record<LiveState, string> = {
  connecting: 'Connecting …',
  open: 'Live',
  broken: 'Connecting again …',
  ended: 'Connecting again …',
}

function LiveStatus(props: Pick<LiveEvents, 'state' | 'isPaused' | 'waiting'>): JSX.Element {
  const { state, isPaused, waiting } = props
  const words = isPaused ? `Paused, ${formatCount(waiting)} waiting` : STATES[state]
  return (
    <p class={`live-status ${isPaused ? 'paused' : state}`} role="status">
      {words}
    </p>
  )
}

interface FiltersProps {
  filter: EventFilter
  onChange: (filter: EventFilter) => void
  sources: string[]
}

function Filters({ filter, onChange, sources }: FiltersProps): JSX.Element {
  const set = (name: keyof EventFilter) => (change: Event) =>
    onChange({ ...filter, [name]: (change.target as HTMLInputElement).value })
  const choice = (name: 'source' | 'type', choices: string[]) => (
    <select aria-label={`Filter by ${name}`} value={filter[name]} onChange={set(name)}>
      <option value="">Any {name}</option>
      {choices.map((one) => (
        <option key={one}>{one}</option>
      ))}
    </select>
  )
  return (
    <search class="filters">
      <input
        type="search"
        data-filter
        placeholder="Filter by any text  ( / )"
        aria-label="Filter by text"
        value={filter.text}
        onInput={set('text')}
      />
      {choice('source', sources)}
      {choice('type', TYPES)}
    </search>
  )
}

interface EventListProps {
  events: StoredEvent[]
  selected: StoredEvent | undefined
  onSelect: (event: StoredEvent) => void
}

function EventList({ events, selected, onSelect }: EventListProps): JSX.Element {
  if (events.length === 0) return <Empty>No event here matches the filter.</Empty>
  const selectedKey = selected && keyOf(selected)
  return (
    <div>
      <ol class="rows events" aria-label="Events, newest first">
        {events.map((event) => (
          <li key={keyOf(event)}>
            <button
              type="button"
              data-row
              aria-current={keyOf(event) === selectedKey}
              onClick={() => onSelect(event)}
            >
              <time dateTime={event.receivedAt}>{formatClock(event.receivedAt)}</time>
              <span class={`type type-${event.type}`}>{event.type}</span>
              <strong>{titleOf(event)}</strong>
              <span class="who">{whoOf(event)}</span>
              <span class="quiet source">{event.source}</span>
            </button>
          </li>
        ))}
      </ol>
      <p class="quiet note">
        {formatCount(events.length)} shown, at most the last {MAX_LISTED}. Times are UTC.
      </p>
    </div>
  )
}
