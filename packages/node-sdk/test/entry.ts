import type { Entry } from '../src/core/lanes.ts'

/** An event in the queue, of which only what is told matters. */
export function entry(fields: Partial<Entry> = {}): Entry {
  return {
    messageId: 'm',
    json: '{}',
    bytes: 10,
    lane: 0,
    order: 0,
    queuedAtMs: 0,
    receipt: undefined,
    ref: undefined,
    ...fields,
  }
}
