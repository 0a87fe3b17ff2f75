import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { callApi, type Problem, whenSignedOut } from './adapters/api.ts'
import { PAGES, type PageId, type Place, pathOf, placeOf } from './core/pages.ts'
import { followLinks } from './navigate.ts'
import { DeliveryPage } from './pages/delivery.tsx'
import { LakePage } from './pages/lake.tsx'
import { LivePage } from './pages/live.tsx'
import { PeoplePage } from './pages/people.tsx'
import { QuarantinePage } from './pages/quarantine.tsx'
import { SignIn } from './pages/sign-in.tsx'
import { type Source, SourcesPage } from './pages/sources.tsx'
import { Failure, Waiting } from './parts/states.tsx'
import { SLOW_MS } from './use-load.ts'

const PAGE_VIEWS: Record<PageId, (props: PageProps) => JSX.Element> = {
  live: LivePage,
  delivery: DeliveryPage,
  people: PeoplePage,
  quarantine: QuarantinePage,
  sources: SourcesPage,
  lake: LakePage,
}

/** What every page is given. */
export interface PageProps {
  /** Who or what of the page's is asked for by the address. */
  subject: string | undefined
  sources: Source[]
}

/** Whether somebody is signed in: unknown until the first answer. */
type Session = { sources: Source[] } | 'unknown' | 'none' | Problem

/** The console: the sign-in, or the bar and one page. */
export function App(): JSX.Element {
  const [session, setSession] = useState<Session>('unknown')
  const [isSlow, setSlow] = useState(false)
  const begin = async () => {
    const answer = await callApi<{ sources: Source[] }>('/api/sources')
    if (answer.ok) setSession(answer.value)
    else if (answer.problem.code === 'unauthorized') setSession('none')
    else setSession(answer.problem)
  }
  useEffect(() => {
    const slow = setTimeout(setSlow, SLOW_MS, true)
    whenSignedOut(() => setSession('none'))
    void begin()
    return () => clearTimeout(slow)
  }, [])
  if (session === 'unknown') return <Waiting isSlow={isSlow} />
  if (session === 'none') return <SignIn onSignedIn={() => void begin()} />
  if ('code' in session) return <Failure problem={session} retry={() => void begin()} />
  return <Console sources={session.sources} onSignedOut={() => setSession('none')} />
}

interface ConsoleProps {
  sources: Source[]
  onSignedOut: () => void
}

function Console({ sources, onSignedOut }: ConsoleProps): JSX.Element {
  const { page, subject } = usePlace()
  const Page = PAGE_VIEWS[page]
  const [problem, setProblem] = useState<Problem>()
  const signOut = async () => {
    const answer = await callApi('/console/session', 'DELETE')
    // The cookie is still there, and whoever comes next would be signed in.
    if (answer.ok) onSignedOut()
    else setProblem(answer.problem)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only takes the clicks on links within
    // biome-ignore lint/a11y/useKeyWithClickEvents: Enter on a link is a click
    <div class="console" onClick={followLinks}>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="bar">
        <p class="brand">Tributary</p>
        <nav aria-label="Console">
          {PAGES.map(({ id, title }) => (
            <a key={id} href={pathOf(id)} aria-current={id === page ? 'page' : undefined}>
              {title}
            </a>
          ))}
        </nav>
        <button type="button" class="plain" onClick={() => void signOut()}>
          Sign out
        </button>
      </header>
      <main id="main" tabIndex={-1}>
        {problem && <Failure problem={problem} retry={() => void signOut()} />}
        <Page key={page} subject={subject} sources={sources} />
      </main>
    </div>
  )
}

/** The place of the address, as it changes. */
function usePlace(): Place {
  const [path, setPath] = useState(location.pathname)
  useEffect(() => {
    const update = () => setPath(location.pathname)
    addEventListener('popstate', update)
    return () => removeEventListener('popstate', update)
  }, [])
  const place = placeOf(path)
  useEffect(() => {
    const { title } = PAGES.find(({ id }) => id === place.page) ?? PAGES[0]
    document.title = `${title} · Tributary`
  }, [place.page])
  return place
}
