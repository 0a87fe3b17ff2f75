import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { type Answer, callApi } from '../adapters/api.ts'
import type { PageProps } from '../app.tsx'
import { formatCount, formatTime } from '../core/format.ts'
import { pathOf } from '../core/pages.ts'
import { nameOf, type Profile } from '../core/profile-view.ts'
import { ProfileView } from '../parts/profile.tsx'
import { Empty, Failure, Loaded } from '../parts/states.tsx'
import { useLoad } from '../use-load.ts'

/** Time that nobody types for before the search begins. */
const TYPING_MS = 250

/** Who is who: a search, and one person's profile. */
export function PeoplePage({ subject }: PageProps): JSX.Element {
  return subject === undefined ? <Search /> : <Person key={subject} id={subject} />
}

interface ProfileList {
  profiles: Profile[]
  cursor: string | null
}

function Search(): JSX.Element {
  const [typed, setTyped] = useState('')
  const [query, setQuery] = useState('')
  useEffect(() => {
    const timer = setTimeout(setQuery, TYPING_MS, typed.trim())
    return () => clearTimeout(timer)
  }, [typed])
  const path = `/api/profiles?limit=50&q=${encodeURIComponent(query)}`
  const load = useLoad(() => search(path, query), path)
  return (
    <>
      <header class="page-head">
        <h1>People</h1>
        <button type="button" onClick={load.reload}>
          Refresh
        </button>
      </header>
      <search class="filters">
        <input
          type="search"
          data-filter
          placeholder="Beginning of an id, an email, a name  ( / )"
          aria-label="Search people"
          value={typed}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </search>
      <Loaded load={load}>{(found) => <Results {...found} />}</Loaded>
    </>
  )
}

/** A list, and what it is the answer to. */
interface Found {
  list: ProfileList
  query: string
}

async function search(path: string, query: string): Promise<Answer<Found>> {
  const answer = await callApi<ProfileList>(path)
  return answer.ok ? { ok: true, value: { list: answer.value, query } } : answer
}

function Results({ list, query }: Found): JSX.Element {
  const { profiles, cursor } = list
  if (profiles.length === 0) {
    return (
      <Empty>
        {query === ''
          ? 'Nobody is known yet. People come of events with a userId or an anonymousId, within a minute.'
          : `No identifier and no trait begins with “${query}”.`}
      </Empty>
    )
  }
  return (
    <>
      <ol class="rows people" aria-label="People">
        {profiles.map((profile) => (
          <li key={profile.profileId}>
            <a data-row href={pathOf('people', profile.profileId)}>
              <strong>{nameOf(profile)}</strong>
              <span class="who">{(profile.ids.userId ?? profile.ids.email ?? [])[0] ?? ''}</span>
              <span>{formatCount(profile.eventCount)} events</span>
              <time dateTime={profile.lastSeen} class="quiet">
                {formatTime(profile.lastSeen)}
              </time>
            </a>
          </li>
        ))}
      </ol>
      {cursor !== null && <p class="quiet note">There are more; search for whom you mean.</p>}
    </>
  )
}

function Person({ id }: { id: string }): JSX.Element {
  const path = `/api/profiles/${encodeURIComponent(id)}`
  const load = useLoad(() => callApi<Profile>(`${path}?verbose=true`), path)
  const isUnknown = load.problem?.code === 'unknown_profile'
  return (
    <>
      <a href={pathOf('people')}>← People</a>
      {isUnknown ? (
        <>
          <h1>{id}</h1>
          <Failure
            problem={{
              code: 'unknown_profile',
              message:
                'Nobody is known by this. Events take up to a minute, and who was erased is gone.',
            }}
            retry={load.reload}
          />
        </>
      ) : (
        <Loaded load={load}>
          {(profile) => <ProfileView profile={profile} onChange={load.reload} />}
        </Loaded>
      )}
    </>
  )
}
