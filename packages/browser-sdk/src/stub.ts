import type { StubNote } from './core/stub-call.ts'

/** A call as it is kept until the tracker is there: the method, a note of when and where, and the arguments. */
type KeptCall = [method: string, note: StubNote, ...args: unknown[]]

type Stub = KeptCall[] & {
  /** No function: a promise that is resolved with the stub would call it, and wait for ever. */
  then?: string
  /** Names what this page leaves, for the tracker to go on with. */
  id?: string
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
// Unlike a UUID, also to be had on a page without TLS. Ends with the time.
const id = Math.random() + '' + -new Date()
/**
 * Keeps all calls for the next page's tracker: the page may end before its own is there. Where the page is told so, the
 * page views and track events up to the first call that only the tracker can make sense of are sent as well; the tracker
 * repeats these very events, and the collector counts each once.
 */
const keep = (event?: unknown): void => {
  try {
    const {
      src,
      dataset: { writeKey, consent, path = '/v1/batch', endpoint = new URL(src).origin },
    } = page.querySelector('[data-write-key]') as HTMLScriptElement
    const store = localStorage
    const identityKey = 'tributary:identity:' + writeKey
    const anonymousId =
      /(d_js=|sId":")([^",;]+)/.exec([page.cookie, store[identityKey]] as never)?.[2] || id
    const batch: StubNote[] = []
    if (calls[0] && consent == null) {
      store[identityKey] ||= stringify({ anonymousId })
      event &&
        calls.every(
          (
            [method, note, name, properties, more],
            _,
            __,
            field = ({ page: 'name', track: 'event' } as Record<string, string>)[note?.type],
          ) =>
            // A call that was pushed as an array has no note.
            field &&
            !more &&
            // Only strings (and arrays) have `at`.
            !(properties as string)?.at &&
            ((name ?? method) as string).at &&
            (note.anonymousId || [
              (note[field] = name),
              (note.properties = properties),
              (note.anonymousId = anonymousId),
              batch.push(note),
            ]),
        )
      if (batch[0])
        navigator.sendBeacon(endpoint + path, stringify({ writeKey, batch, sentAt: new Date() }))
      store['tributary:stub:' + [writeKey, id]] = stringify(calls)
    }
  } catch {}
}

// Otherwise the tracker is there, or this script for a second time.
if (!calls.track) {
  calls.then = calls.id = id
  // Takes a call of any name.
  tributary = new Proxy(calls, {
    get: (_, method: string) =>
      calls[method as keyof Stub] ??
      (async (...args: unknown[]) => {
        calls.push([
          method,
          {
            type: method,
            messageId: id + calls.length,
            timestamp: new Date(),
            context: {
              page: {
                url: place + '',
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
              value = method[0] == 'r' ? value : structuredClone(value)
            } catch {}
            return value
          }),
        ])
        // Chromium closes a tab without a word to its page while a script is still to come. The tag may stand behind the
        // call. So many calls are kept again and again, and more only at the end.
        calls[50] || setTimeout(keep)
        return {}
      }),
  })
  page.onvisibilitychange = onpagehide = keep
}
