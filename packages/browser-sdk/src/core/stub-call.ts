import type { TributaryEvent } from '@tributary/protocol'
import type { PageFacts, PageFields } from './page-context.ts'

/** A call that a page made before the script was there. */
export interface StubCall {
  method: string
  args: unknown[]
  /** Time of the call in milliseconds, where the stub noted it. */
  atMs?: number | undefined
  /** The page at the time of the call, where the stub noted it. */
  page?: PageFacts | undefined
  /** The event of the call, where the stub has sent it: with another content it would be a conflict. */
  event?: TributaryEvent | undefined
}

/** What our stub keeps of a call behind its method: the beginnings of an event, and all of it once that was sent. */
export interface StubNote {
  type: string
  /** A string once it has been JSON. */
  timestamp: Date | string
  context: { page: PageFields }
  /** Only in an event that was sent. */
  messageId?: string
  [field: string]: unknown
}

/** What Segment's snippet appends to a call: `c` canonical, `p` path, `u` url, `s` search, `t` title, `r` referrer. */
interface SegmentNote {
  __t: 'bpc'
  c?: string | null
  p?: string
  u?: string
  s?: string
  t?: string
  r?: string
}

/** Reads a call as a stub keeps it, ours or Segment's, or as a page pushes it: `[method, ...args]`. */
export function readStubCall([method, ...args]: readonly unknown[]): StubCall {
  const call: StubCall = { method: `${method}`, args }
  const ours = args[0] as StubNote | undefined
  const note = args.at(-1) as SegmentNote | undefined
  if (ours?.context && ours.type === method) {
    args.shift()
    call.atMs = +new Date(ours.timestamp)
    call.page = ours.context.page
    call.event = (ours.messageId && ours) as TributaryEvent | undefined
  } else if (note?.__t === 'bpc') {
    args.pop()
    const { c: canonical, p: path, u: url, s: search, t: title, r: referrer } = note
    if (url) call.page = { url, path, search, title, referrer, canonical } as PageFacts
  }
  return call
}
