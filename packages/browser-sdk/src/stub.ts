import type { StubNote } from './core/stub-call.ts'

/** A call as it is kept until the tracker is there: the method, a note of when and where, and the arguments. */
type KeptCall = [method: string, note: StubNote, ...args: unknown[]]

type Stub = KeptCall[] & {
  /** No function: a promise that is resolved with the stub would call it, and wait for ever. */
  then?: 0
  track?: unknown
}

declare global {
  var tributary: Stub
}

// All of this stands in every page, in at most 1 KiB: the shorter of two ways is taken throughout.
const page = document
const place = location
const { stringify } = JSON
const calls: Stub = (self.tributary ||= [])
// Unlike a UUID, also to be had on a page without TLS.
const id = Math.random() + '' + -new Date()

// Otherwise the tracker is there, or this script for a second time.
if (!calls.track) {
  calls.then = 0
  // Takes a call of any name.
  tributary = new Proxy(calls, {
    get: (_, method: string) =>
      calls[method as keyof Stub] ??
      (async (...args: unknown[]) => {
        calls.push([
          method,
          {
            type: method,
            timestamp: new Date(),
            context: {
              page: {
                url: place.href,
                path: place.pathname,
                search: place.search,
                title: page.title,
                referrer: page.referrer,
              },
            },
          },
          ...args.map((value) => {
            try {
              // The page may change an object after the call. A plugin may be of a class, whose methods a clone has not.
              return method[0] == 'r' ? value : structuredClone(value)
            } catch {
              return value
            }
          }),
        ])
        // From here on as safe as in the queue: see `leave`.
        return {}
      }),
  })
  page.onvisibilitychange = onpagehide = leave
}

/**
 * The page may end before the tracker is there. The page views and track events up to the first call that only the
 * tracker can make sense of are sent. At the end all calls are kept as well, for the next page's tracker: it repeats the
 * very events that were sent, and the collector counts each once.
 */
function leave({ type }: Event): void {
  try {
    const { src, dataset } = page.querySelector('[data-write-key]') as HTMLScriptElement
    const writeKey = dataset.writeKey
    const store = localStorage
    const identityKey = 'tributary:identity:' + writeKey
    const anonymousId =
      (page.cookie + ';' + store[identityKey]).match(/(d_js=|sId":")([^";]+)/)?.[2] || id
    const batch: StubNote[] = []
    if (calls[0] && dataset.consent == null) {
      store[identityKey] ||= stringify({ anonymousId })
      calls.every(
        (
          [method, note, name, properties, more],
          index,
          _,
          field = ({ page: 'name', track: 'event' } as Record<string, string>)[note?.type],
        ) =>
          // A call that was pushed as an array has no note.
          field &&
          !more &&
          // Only strings (and arrays) have `at`.
          !(properties as string)?.at &&
          ((name ?? method) as string).at &&
          (note.messageId ||
            batch.push(
              ((calls[index] as KeptCall)[1] = {
                ...note,
                messageId: id + index,
                anonymousId,
                [field]: name,
                properties,
              }),
            )),
      )
      if (batch[0])
        navigator.sendBeacon(
          (dataset.endpoint || new URL(src).origin) + (dataset.path || '/v1/batch'),
          stringify({ writeKey, batch, sentAt: new Date() }),
        )
      // Not when it is only hidden: then the tracker may still come, and has the calls themselves.
      if (type < 'q') store['tributary:stub:' + writeKey + ':' + id] = stringify(calls)
    }
  } catch {}
}
