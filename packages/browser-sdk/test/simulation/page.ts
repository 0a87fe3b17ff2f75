import { createMessageIds } from '../../src/core/message-id.ts'
import type { LifecycleHandlers, Platform } from '../../src/platform.ts'
import { standard } from '../../src/standard.ts'
import { type RunningTracker, startTracker } from '../../src/tracker.ts'
import { checkNotice, noteEnding } from './checks.ts'
import { post } from './network.ts'
import { exclusively, openStorage, surroundings } from './page-parts.ts'
import type { Tab } from './tab.ts'
import type { Call, Poison } from './world.ts'

/** The real core in a tab. */
export interface Page extends LifecycleHandlers {
  track(length: number, poison: Poison | undefined): void
  /** Calls that have waited for the standard part have been made in this task. */
  noteExtended(): void
}

/** Loads the core, and the standard part when the scenario says. */
export function startPage(tab: Tab): Page {
  const { world, random } = tab
  const { loop, scenario } = world
  let isWaiting = true
  const { platform, ids, handlers } = platformOf(tab)
  const running = startTracker(scenario.options, platform)
  tab.tracker = running.tracker
  tab.stream = running.core.stream

  function noteExtended(): void {
    isWaiting = false
    for (const call of tab.calls) call.task ??= loop.task()
  }

  function extend(isStandard: boolean): void {
    if (isStandard) addStandard(tab, running)
    else running.extend()
    noteExtended()
  }

  if (scenario.standard !== 'late') extend(scenario.standard === 'at once')
  else {
    const isLoading = random.happens(0.8)
    loop.after(random.whole(1, 3000), tab, () => extend(isLoading))
  }

  function track(length: number, poison: Poison | undefined): void {
    const number = world.calls.length
    const task = isWaiting ? undefined : loop.task()
    const call: Call = { number, tab, task, at: world.now(), poison }
    world.calls.push(call)
    tab.calls.push(call)
    world.recordedLength += length + EVENT_LENGTH
    const before = ids.length
    const properties = { number, poison, fill: 'x'.repeat(length) }
    const recorded = running.tracker.track('event', properties)
    if (!isWaiting) name(call, ids[before] as string)
    void recorded.then(({ event, delivered }) => {
      if (tab.state === 'gone' || !event) return
      const { stream, seq } = event.context?.delivery ?? {}
      Object.assign(call, { stream, seq })
      name(call, event.messageId as string)
      call.persisted = tab.tracker.stats().storage
      void delivered.then((ending) => noteEnding(tab, call, ending))
    })
  }

  function name(call: Call, messageId: string): void {
    call.messageId = messageId
    world.callsById.set(messageId, call)
  }

  return {
    track,
    noteExtended,
    hide: () => handlers.current?.hide(),
    wake: () => handlers.current?.wake(),
  }
}

/** Most characters of an event beside its filling. */
const EVENT_LENGTH = 1200

/** Everything outside, as the core in a tab sees it. */
function platformOf(tab: Tab): {
  platform: Platform
  /** All ids that were made. */
  ids: string[]
  handlers: { current?: LifecycleHandlers }
} {
  const { world, random } = tab
  const { loop } = world
  const openedAt = loop.elapsed()
  const ids: string[] = []
  const handlers: { current?: LifecycleHandlers } = {}
  const newId = createMessageIds(world.now, () =>
    Uint32Array.from({ length: 2 }, () => random.whole(0, 2 ** 32)),
  )
  tab.storage = openStorage(world, tab)
  const platform: Platform = {
    now: world.now,
    elapsed: () => loop.elapsed() - openedAt,
    random: random.next,
    newId() {
      const id = newId()
      ids.push(id)
      return id
    },
    after: (ms, work) => (tab.acts() ? loop.after(ms, tab, work) : () => {}),
    post: (_, body, keepalive) => post(world, tab, body as string, keepalive),
    credentials: 'omit',
    readPage: () => ({ url: 'https://shop.test/', path: '/', search: '', title: '', referrer: '' }),
    store: tab.storage,
    openDisk: (_, onGone) => world.database.open(tab, onGone),
    exclusively: (_, work) => exclusively(world, tab, work),
    onLifecycle(given) {
      handlers.current = given
    },
  }
  return { platform, ids, handlers }
}

function addStandard(tab: Tab, running: RunningTracker): void {
  running.extend((core) => {
    standard(core, surroundings(tab.world, tab))
    for (const name of ['delivered', 'rejected', 'dropped'] as const) {
      tab.tracker.on(name, (notice) => checkNotice(tab, notice))
    }
    tab.isNoting = tab.tracker.stats().created === 0
  })
}
