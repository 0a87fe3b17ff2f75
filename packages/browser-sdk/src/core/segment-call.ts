import type { PageFields } from './page-context.ts'
import type { StubNote } from './stub-call.ts'

/** What Segment's snippet appends to a call: `c` canonical, `p` path, `u` url, `s` search, `t` title, `r` referrer. */
interface SegmentNote {
  __t: 'bpc'
  c?: string | null
  p: string
  u?: string
  s: string
  t: string
  r: string
}

/** A call as Segment's stub keeps it, `[method, ...args, note]`, as our stub does; anything else stays as it is. Segment's has no time of its own. */
export function fromSegment(kept: unknown, now: Date): unknown {
  const note = (Array.isArray(kept) ? kept.at(-1) : undefined) as SegmentNote | undefined
  if (note?.__t !== 'bpc') return kept
  const [type, ...args] = (kept as [string, ...unknown[]]).slice(0, -1)
  if (!note.u) return [type, ...args]
  const { p: path, s: search, t: title, r: referrer } = note
  const page = { url: note.u, path, search, title, referrer, canonical: note.c } as PageFields
  return [type, { type, timestamp: now, context: { page } } as StubNote, ...args]
}
