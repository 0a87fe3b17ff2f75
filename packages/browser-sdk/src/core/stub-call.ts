import type { PageFacts } from './page-context.ts'

/** A call that a page made before the script was there. */
export interface StubCall {
  method: string
  args: unknown[]
  /** Time of the call in milliseconds, where the stub noted it. */
  atMs?: number | undefined
  /** The page at the time of the call, where the stub noted it. */
  page?: PageFacts | undefined
}

/** What Segment's snippet appends to a call (`c` canonical, `p` path, `u` url, `s` search, `t` title, `r` referrer); `at` is ours. */
interface StubNote {
  __t: 'bpc'
  at?: number
  c?: string | null
  p?: string
  u?: string
  s?: string
  t?: string
  r?: string
}

/** Reads `[method, ...args]` as a stub keeps it. */
export function readStubCall([method, ...args]: readonly unknown[]): StubCall {
  const call: StubCall = { method: `${method}`, args }
  const note = args.at(-1) as StubNote | undefined
  if (note?.__t !== 'bpc') return call
  args.pop()
  const { at, c: canonical, p: path, u: url, s: search, t: title, r: referrer } = note
  call.atMs = at
  if (url) call.page = { url, path, search, title, referrer, canonical } as PageFacts
  return call
}
