import type { JSX } from 'preact'
import { callApi } from '../adapters/api.ts'
import { formatCount, formatTime } from '../core/format.ts'
import { identifiersOf, nameOf, type Profile, traitsOf } from '../core/profile-view.ts'
import { type StoredEvent, titleOf } from '../core/stored-event.ts'
import { useLoad } from '../use-load.ts'
import { Facts } from './facts.tsx'
import { Joined } from './joined.tsx'
import { PrivacyActions } from './privacy-actions.tsx'
import { Loaded } from './states.tsx'

interface ProfileProps {
  profile: Profile
  /** Called when something was done that may have changed it. */
  onChange: () => void
}

/** All that is known of one person. */
export function ProfileView({ profile, onChange }: ProfileProps): JSX.Element {
  const { profileId, eventCount, firstSeen, lastSeen, groups } = profile
  const [anchor = profileId] = identifiersOf(profile)
  return (
    <>
      <header class="page-head">
        <h1>{traitText(profile) ?? nameOf(profile)}</h1>
      </header>
      <div class="cards">
        <section class="card">
          <h2>Person</h2>
          <Facts
            facts={[
              ['Profile', profileId],
              ['Events', formatCount(eventCount)],
              ['First seen', formatTime(firstSeen)],
              ['Last seen', formatTime(lastSeen)],
              ['Groups', groups.join(', ') || 'none'],
            ]}
          />
          <Traits profile={profile} />
        </section>
        <section class="card">
          <h2>Identifiers, and how they were joined</h2>
          <Joined profile={profile} onChange={onChange} />
        </section>
        <section class="card">
          <h2>Timeline</h2>
          <Timeline profileId={profileId} />
        </section>
        <section class="card">
          <h2>What the person may ask for</h2>
          <PrivacyActions id={anchor} onChange={onChange} />
        </section>
      </div>
    </>
  )
}

/** The name among traits that say where they come from. */
function traitText(profile: Profile): string | undefined {
  return traitsOf(profile).find(({ name }) => name === 'name')?.value
}

function Traits({ profile }: { profile: Profile }): JSX.Element {
  const traits = traitsOf(profile)
  if (traits.length === 0) return <p class="quiet note">No traits.</p>
  return (
    <>
      <h3>Traits</h3>
      <dl class="facts">
        {traits.map(({ name, value, time, source, messageId }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {value}
              <small class="quiet origin" title={messageId}>
                {source} · {formatTime(time)}
              </small>
            </dd>
          </div>
        ))}
      </dl>
    </>
  )
}

function Timeline({ profileId }: { profileId: string }): JSX.Element {
  const path = `/api/profiles/${encodeURIComponent(profileId)}/events?limit=50`
  const load = useLoad(() => callApi<{ events: StoredEvent[] }>(path), path)
  return (
    <Loaded load={load}>
      {({ events }) => (
        <ol class="timeline">
          {events.map((event) => (
            <li key={event.messageId}>
              <time dateTime={event.timestamp} class="quiet">
                {formatTime(event.timestamp).slice(0, 19)}
              </time>{' '}
              <span class="type">{event.type}</span> <strong>{titleOf(event)}</strong>
            </li>
          ))}
        </ol>
      )}
    </Loaded>
  )
}
