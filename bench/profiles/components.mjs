import { addRecords, buildProfiles, emptyState } from '@tributary/identity'

/** Identifiers that hang together. */
export const COMPONENT_SIZES = [10, 100, 1000, 10_000]

/**
 * One component of so many identifiers and ten times as many records: from nothing, and one event more. It is a chain: each
 * visitor has two devices, each device two visitors.
 */
export function measureComponent(identifiers) {
  const records = Array.from({ length: identifiers * 10 }, (_, index) => {
    const visitor = (index >> 1) % (identifiers / 2)
    return {
      type: 'track',
      messageId: `m${index}`,
      timestamp: new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString(),
      anonymousId: `a${visitor}`,
      context: { device: { id: `d${(visitor + (index & 1)) % (identifiers / 2)}` } },
    }
  })
  const state = emptyState()
  addRecords(state, records)
  const known = { ...records[7], messageId: 'one-more' }
  const fresh = { ...records[7], messageId: 'new', anonymousId: 'new' }
  return {
    identifiers,
    records: records.length,
    fromNothingMs: time(() => buildProfiles(records)),
    knownPairMs: time(() => addRecords(state, [known])),
    newPairMs: time(() => addRecords(state, [fresh])),
  }
}

function time(work) {
  const start = performance.now()
  work()
  return performance.now() - start
}
