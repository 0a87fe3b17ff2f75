import type { ReplayAnswer } from '@tributary/protocol'

/** Samples that are shown of a replay. */
export const MAX_SAMPLES = 5

/** A replay in several calls as if it had been one: counts are added, the cursor is that of the last. */
export function sumReplays(sum: ReplayAnswer | undefined, next: ReplayAnswer): ReplayAnswer {
  if (!sum) return { ...next, ...(next.samples && { samples: next.samples.slice(0, MAX_SAMPLES) }) }
  const stillRejected = { ...sum.stillRejected }
  for (const [code, count] of Object.entries(next.stillRejected)) {
    stillRejected[code] = (stillRejected[code] ?? 0) + count
  }
  return {
    examined: sum.examined + next.examined,
    stored: sum.stored + next.stored,
    duplicates: sum.duplicates + next.duplicates,
    notReplayable: sum.notReplayable + next.notReplayable,
    stillRejected,
    ...(sum.samples && {
      samples: [...sum.samples, ...(next.samples ?? [])].slice(0, MAX_SAMPLES),
    }),
    cursor: next.cursor,
  }
}
