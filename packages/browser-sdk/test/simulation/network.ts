import { type HttpAnswer, parseRetryAfter } from '@tributary/protocol'
import { checkSends } from './checks.ts'
import type { Fate } from './collector.ts'
import type { Tab } from './tab.ts'
import type { NetworkState, World } from './world.ts'

/** A request of a tab that has no answer yet. */
export interface OpenRequest {
  keepalive: boolean
  bytes: number
  /** It was made as the page was hidden, and not in the tab's turn. */
  isHiding: boolean
  /** Ends it without an answer; it may have arrived all the same. */
  breakOff(): void
}

/** As the adapter: a request that takes longer has failed. */
const TIMEOUT_MS = 15_000
/** What the requests of a page that outlive it may have in all (Fetch standard). */
const KEEPALIVE_BYTES = 64 * 1024

/** `blocked`: refused on the way out. `lost`: it never arrives. */
type Way = Fate | 'blocked' | 'lost' | 'lost answer'

const WAYS: Record<NetworkState, readonly Way[]> = {
  good: ['accepts'],
  slow: ['accepts'],
  flaky: [
    'accepts',
    'accepts',
    'accepts some',
    'fails',
    'stores and fails',
    'throttles',
    'portal',
    'lost',
    'lost answer',
    'blocked',
  ],
  blocked: ['blocked'],
  dead: ['lost'],
  lossy: ['accepts', 'lost', 'lost answer'],
  down: ['fails', 'stores and fails'],
  throttling: ['throttles'],
  portal: ['portal'],
  refusing: ['refuses'],
}

/** Sends a request on its way. */
export function post(
  world: World,
  tab: Tab,
  body: string,
  keepalive: boolean,
): Promise<HttpAnswer> {
  const { loop } = world
  const random = world.random.network
  return new Promise((resolve) => {
    if (!tab.acts()) return
    const bytes = Buffer.byteLength(body)
    let way: Way = random.pick(WAYS[world.network])
    checkSends(tab, body)
    const request: OpenRequest = { keepalive, bytes, isHiding: tab.isHiding, breakOff }
    const inFlight = [request, ...tab.requests].filter((other) => other.keepalive)
    if (keepalive && inFlight.reduce((sum, other) => sum + other.bytes, 0) > KEEPALIVE_BYTES) {
      way = 'blocked'
    }
    let isBroken = false
    tab.requests.add(request)
    world.requests++
    watchOverlap(world)

    /** The answer reaches the tab, if it still waits for one. */
    function end(answer: HttpAnswer): void {
      loop.after(0, tab, () => {
        if (!tab.requests.delete(request)) return
        watchOverlap(world)
        const pauseMs = parseRetryAfter(answer.retryAfter, world.now())
        if (pauseMs !== undefined) tab.pausedUntil = loop.elapsed() + pauseMs
        world.trace(`${tab.name} is answered ${answer.status} (${way})`)
        resolve(answer)
      })
    }

    function breakOff(): void {
      isBroken = random.happens(0.5)
      way = 'lost answer'
      end({ status: 0 })
    }

    const latency = (): number =>
      random.whole(1, world.network === 'slow' || random.happens(0.03) ? 9000 : 150)
    loop.after(TIMEOUT_MS, tab, () => end({ status: 0 }))
    if (way === 'blocked') loop.after(1, undefined, () => end({ status: 0 }))
    if (way === 'blocked' || way === 'lost') return
    loop.after(latency(), undefined, () => {
      if (isBroken) return
      const answer = world.collector.answer(body, way === 'lost answer' ? 'accepts' : (way as Fate))
      if (way !== 'lost answer') loop.after(latency(), undefined, () => end(answer))
    })
  })
}

/** A page has ended, or is in the back/forward cache: the browser makes the request that was left with it. Nobody reads the answer. */
export function sendLast(world: World, tab: Tab): void {
  const body = tab.lastRequest
  if (body === undefined) return
  tab.lastRequest = undefined
  const random = world.random.network
  const way: Way = random.pick(WAYS[world.network])
  const numbers = [...body.matchAll(/"number":(\d+)/g)].map(([, number]) => number)
  world.trace(`the browser sends ${numbers} for ${tab.name} (${way})`)
  if (way === 'blocked' || way === 'lost') return
  const fate = way === 'lost answer' ? 'accepts' : way
  world.loop.after(random.whole(1, 500), undefined, () => world.collector.answer(body, fate))
}

/** Adds up how long requests of two tabs' turns are open at once. */
export function watchOverlap(world: World): void {
  const senders = world.tabs.filter(
    ({ state, requests }) => state === 'running' && [...requests].some(({ isHiding }) => !isHiding),
  )
  const elapsed = world.loop.elapsed()
  world.overlapMs += elapsed - (world.overlapSince ?? elapsed)
  world.overlapSince = senders.length > 1 ? elapsed : undefined
}
