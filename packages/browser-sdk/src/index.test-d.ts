import { type LoadOptions, type Plugin, type Tracker, TributaryBrowser } from './index.ts'

const tracker: Tracker = TributaryBrowser.load({ writeKey: 'wk', endpoint: 'https://c.example' })

void tracker.track(
  'Order Completed',
  { total: 5 },
  { timestamp: new Date() },
  (receipt) => receipt.event?.type,
)
void tracker.track('Order Completed', () => {})
void tracker.track({ event: 'Order Completed', properties: { total: 5 } })
void tracker.identify('u1', { name: 'N' })
void tracker.identify({ name: 'N' })
void tracker.identify(7)
void tracker.page()
void tracker.page('Shop', 'Cart', { items: 2 })
void tracker.page({ items: 2 })
void tracker.group('g1', { plan: 'b' })
void tracker.alias('new', 'old')
void tracker.ready(() => {})

void tracker.track('E').then(async ({ event, delivered }) => {
  const { outcome, reason, code } = await delivered
  return [event?.messageId, outcome === 'dropped', reason === 'queue_full', code]
})
tracker.on('delivered', ({ messageId, outcome }) => [messageId, outcome])
tracker.once('error', ({ code, status, cause }) => [code === 'request_failed', status, cause])
tracker.off('recorded', (event) => event.type)
const plugin: Plugin = { name: 'p', type: 'before', track: (event) => ({ ...event, userId: 'u' }) }
void tracker.register(plugin, { identify: () => null })
void tracker.addSourceMiddleware(({ payload, next }) => next(payload))
tracker.trackLink(null, 'Link').trackForm([], (form) => form.id, { n: 1 })
const storage: 'indexeddb' | 'localstorage' | 'memory' = tracker.stats().storage
void storage

// @ts-expect-error: hooks are not async: an event would be kept before they have redacted it
void tracker.register({ track: async (event) => event })
// @ts-expect-error: no such thing is told of
tracker.on('deliverd', () => {})

const flushed: Promise<void> = tracker.flush()
const id: string | undefined = tracker.setAnonymousId('a')
const pending: number = tracker.stats().pending
void [flushed, id, pending]

// @ts-expect-error: an event needs a name
void tracker.track()
// @ts-expect-error: properties are an object
void tracker.track('E', 'x')
// @ts-expect-error: the write key is required
TributaryBrowser.load({})
// @ts-expect-error: an alias needs the new id
void tracker.alias()
// @ts-expect-error: misspelt
const options: LoadOptions = { writeKey: 'wk', flushat: 5 }
void options
