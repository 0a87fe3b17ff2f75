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
  /** The id of its event, however often and wherever it is made. */
  messageId?: string | undefined
  /** The event of the call, where the stub has sent it: with another content it would be a conflict. */
  event?: TributaryEvent | undefined
}

/** What our stub keeps of a call behind its method: the beginnings of an event, and all of it once that was sent. */
export interface StubNote {
  type: string
  /** A string once it has been JSON. */
  timestamp: Date | string
  context: { page: PageFields }
  messageId?: string
  /** Only in an event that was sent. */
  anonymousId?: string | undefined
  [field: string]: unknown
}

/** Reads a call as our stub keeps it, or as a page pushes it: `[method, ...args]`. */
export function readStubCall([method, ...args]: readonly unknown[]): StubCall {
  const note = args[0] as StubNote | undefined
  if (!note?.context || note.type !== method) return { method: `${method}`, args }
  return {
    method: note.type,
    args: args.slice(1),
    atMs: +new Date(note.timestamp),
    page: note.context.page,
    messageId: note.messageId,
    event: note.anonymousId ? (note as unknown as TributaryEvent) : undefined,
  }
}
