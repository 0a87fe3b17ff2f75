import { acknowledgedBy, send } from './client.ts'
import { groupBy } from './group-by.ts'
import type { Entry, Ledger } from './ledger.ts'
import type { Random } from './random.ts'

/** Batches on their way at the same time. */
const LANES = 4

/** Events in a batch at most: more than the clients send. */
const MAX_BATCH = 300

/**
 * Sends everything ever created once more, in other batches and another order, and again until all of it is
 * acknowledged. What was before and is counted again is then among `ledger.wrongAnswers`.
 */
export async function replayAll(
  url: string,
  writeKeys: Readonly<Record<string, string>>,
  ledger: Ledger,
  random: Random,
): Promise<void> {
  const isConflict = ({ fate }: Entry) => fate === 'id_conflict'
  const firsts = ledger.entries.filter((entry) => !isConflict(entry))
  // Sent before what it is in conflict with, an event whose id is new would be stored.
  for (const entries of [firsts, ledger.entries.filter(isConflict)]) {
    const batches = split(entries, random).values()
    const lane = async () => {
      for (const batch of batches) await sendUntilAcknowledged(url, writeKeys, batch, ledger)
    }
    await Promise.all(Array.from({ length: LANES }, lane))
  }
}

/** Batches of one source each. */
function split(entries: readonly Entry[], random: Random): Entry[][] {
  return [...groupBy(entries, ({ source }) => source).values()].flatMap((ofSource) => {
    const rest = random.shuffle(ofSource)
    const batches: Entry[][] = []
    while (rest.length > 0) batches.push(rest.splice(-random.whole(1, MAX_BATCH + 1)))
    return batches
  })
}

async function sendUntilAcknowledged(
  url: string,
  writeKeys: Readonly<Record<string, string>>,
  batch: readonly Entry[],
  ledger: Ledger,
): Promise<void> {
  ledger.markSent(batch)
  const writeKey = writeKeys[batch[0]?.source ?? '']
  let open = [...batch]
  while (open.length > 0) {
    const body = { writeKey, verdicts: true, batch: open.map(({ event }) => event) }
    const answer = await send(url, JSON.stringify(body))
    const wrong = ledger.wrongAnswers.length
    const known = new Set(acknowledgedBy(answer, open, true, ledger))
    if (ledger.wrongAnswers.length > wrong) return
    ledger.acknowledge([...known])
    open = open.filter((entry) => !known.has(entry))
  }
}
