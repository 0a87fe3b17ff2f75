import type { PageFacts } from './page-context.ts'
import { readStubCall, type StubCall } from './stub-call.ts'

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

/** Reads a call as Segment's stub keeps it, `[method, ...args, note]`, or as ours does. */
export function readSegmentCall(kept: readonly unknown[]): StubCall {
  const note = kept.at(-1) as SegmentNote | undefined
  if (note?.__t !== 'bpc') return readStubCall(kept)
  const { c: canonical, p: path, u: url, s: search, t: title, r: referrer } = note
  const call = readStubCall(kept.slice(0, -1))
  if (url) call.page = { url, path, search, title, referrer, canonical } as PageFacts
  return call
}
