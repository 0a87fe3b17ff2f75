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

/** Reads `[method, ...args]` as a stub keeps it; `undefined` for anything else. */
export function readStubCall(kept: unknown): StubCall | undefined {
  if (!Array.isArray(kept) || typeof kept[0] !== 'string') return undefined
  const [method, ...args] = kept
  const note = args.at(-1)
  if (!isNote(note)) return { method, args }
  const { at, c, p = '', u = '', s = '', t = '', r = '' } = note
  const page = { url: u, path: p, search: s, title: t, referrer: r, canonical: c }
  return { method, args: args.slice(0, -1), atMs: at, page: u ? page : undefined }
}

function isNote(value: unknown): value is StubNote {
  return (value as StubNote | undefined)?.__t === 'bpc'
}
