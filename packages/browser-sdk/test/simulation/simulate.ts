import { checkNextVisit, checkRest, countRequests, endOutage, isOpen } from './checks.ts'
import { planFor, type Scenario, type Step } from './plan.ts'
import { openTab, type Tab } from './tab.ts'
import { createWorld, type World } from './world.ts'

/** Most tabs at once. */
const MAX_TABS = 4
const HOUR_MS = 3_600_000

/** What a run has come to. */
export interface Outcome {
  /** What should not have happened. */
  failures: string[]
  scenario: Scenario
  events: number
  requests: number
}

/**
 * Lets the tabs of an origin live through what a seed stands for, then stops all faults, and checks what has become of
 * the events.
 *
 * @param scenario Default: the seed's own.
 * @param log Told of everything that happens.
 */
export async function simulate(
  seed: number,
  scenario: Scenario = planFor(seed),
  log?: (line: string) => void,
): Promise<Outcome> {
  const world = createWorld({ ...scenario }, seed, log)
  for (const step of scenario.steps) {
    await world.loop.runUntil(world.loop.elapsed() + step.waitMs)
    take(world, step)
  }
  await comeToRest(world)
  checkRest(world)
  await visitAgain(world)
  checkNextVisit(world)
  const { failures, calls, requests } = world
  return { failures, scenario, events: calls.length, requests }
}

/** Runs a step as a task of the tab, or of the world. */
function take(world: World, step: Step): void {
  world.trace(`— ${JSON.stringify(step)}`)
  if (step.what === 'open') {
    if (living(world).length < MAX_TABS) open(world)
  } else if (step.what === 'network') changeNetwork(world, step.state)
  else if (step.what === 'disk') world.disk = step.state
  else if (step.what === 'quota')
    world.quota = Math.min(step.characters, world.scenario.storageQuota)
  else if (step.what === 'delete database') world.database.delete()
  else if (step.what === 'clock') {
    world.overlapsAllowed += 4
    world.clockOffsetMs = step.offsetMs
  } else {
    if (!living(world)[0]) open(world)
    const tabs = living(world)
    const tab = tabs[Math.floor(step.tab * tabs.length)]
    if (tab) turn(tab, step)
  }
}

function turn(tab: Tab, step: Extract<Step, { tab: number }>): void {
  const { what } = step
  if (what === 'crash') tab.die()
  else if (what === 'thaw') thaw(tab)
  else if (tab.state === 'running') {
    const then = what === 'freeze' ? tab.freeze : isClosing(step) ? tab.die : undefined
    inTab(tab, () => act(tab, step), then)
  }
}

/** What a person or a page does, inside a task of the tab. */
function act(tab: Tab, step: Extract<Step, { tab: number }>): void {
  if (step.what === 'crash while tracking') tab.dieAfter(step.effects)
  if (step.what === 'crash soon') tab.dieAfter(3)
  if ('count' in step)
    tab.track(step.count, step.length, 'poison' in step ? step.poison : undefined)
  if (step.what === 'flush') flush(tab)
  if (step.what === 'show') tab.wake()
  if (step.what === 'reset') tab.tracker.reset()
  if (['hide', 'freeze'].includes(step.what) || isClosing(step)) tab.hide()
}

const isClosing = ({ what }: Step): boolean => what === 'close' || what === 'track and close'

function flush(tab: Tab): void {
  tab.outage.reasons++
  void tab.tracker.flush()
}

/** Runs `work` in the next task of the tab, and `then` once that is over. */
function inTab(tab: Tab, work: () => void, then?: () => void): void {
  const { loop } = tab.world
  loop.after(0, tab, work)
  loop.after(0, undefined, () => {
    if (tab.state !== 'gone') then?.()
  })
}

function thaw(tab: Tab): void {
  if (tab.state !== 'frozen') return
  tab.thaw()
  inTab(tab, () => tab.wake())
}

function open(world: World): void {
  const tab = openTab(world)
  inTab(tab, () => tab.start())
}

const living = ({ tabs }: World): Tab[] => tabs.filter(({ state }) => state !== 'gone')

function changeNetwork(world: World, state: World['network']): void {
  endOutage(world)
  world.network = state
  countRequests(world)
}

/** All faults stop, all pages come back, and one more is opened: the next visit. */
async function comeToRest(world: World): Promise<void> {
  const { loop, collector } = world
  await loop.runUntil(loop.elapsed() + 10)
  world.trace('— faults stop')
  changeNetwork(world, 'good')
  world.disk = 'good'
  world.quota = world.scenario.storageQuota
  for (const tab of living(world)) {
    tab.dieAfter(Number.POSITIVE_INFINITY)
    if (tab.state === 'frozen') thaw(tab)
    else inTab(tab, () => tab.wake())
  }
  open(world)
  const last = world.tabs.at(-1) as Tab
  inTab(last, () => last.track(1, 0))
  // Pauses that the collector has asked for end within the hour.
  await loop.runUntil(loop.elapsed() + 3 * HOUR_MS)
  // Without the standard part a tab is not told what another has sent, and beside poison it may never find out.
  const knowsEnds = world.scenario.standard === 'at once'
  for (const call of world.calls) {
    if (call.tab.state === 'gone' || call.poison) continue
    if (isOpen(world, call)) world.fail(`${call.number} of ${call.tab.name} is held up`)
    else if (knowsEnds && !call.outcome)
      world.fail(`${call.tab.name} waits for the end of ${call.number}`)
  }
  world.trace('— poison is healed')
  collector.isHealed = true
  world.scenario.maxBodyLength = Number.POSITIVE_INFINITY
  await loop.runUntil(loop.elapsed() + 3 * HOUR_MS)
}

/** All pages are closed, and another one is opened later. */
async function visitAgain(world: World): Promise<void> {
  const { loop, scenario } = world
  for (const tab of living(world)) turn(tab, { what: 'close', tab: 0, waitMs: 0 })
  await loop.runUntil(loop.elapsed() + 60_000)
  const { standard } = scenario
  if (standard === 'late') scenario.standard = 'at once'
  open(world)
  const last = world.tabs.at(-1) as Tab
  inTab(last, () => last.track(1, 0))
  await loop.runUntil(loop.elapsed() + 60_000)
  scenario.standard = standard
}
