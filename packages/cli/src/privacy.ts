import { setTimeout as sleep } from 'node:timers/promises'
import { readApi } from './adapters/collector-api.ts'
import { CliError } from './cli-error.ts'
import type { Connection } from './connection.ts'
import { printLine } from './output.ts'

/** What the collector tells of a request for erasure and the like; there is more in it. */
export interface PrivacyReceipt {
  id: string
  status: string
  /** What was taken out, by place: all 0 where nothing is to be. */
  counts: { events: number } & Record<string, number>
  completedAt?: string
  /** `signature` is `null` where the collector has no secret to sign with. */
  receipt?: { statement: string; signature: string | null }
}

const POLL_MS = 1000

/** The collector goes on by itself; a person at a terminal need not wait for longer. */
const PATIENCE_MS = 10 * 60_000

/**
 * Asks for a privacy operation on a person, and waits until it is done.
 *
 * @throws CliError when it is refused, or not done in ten minutes; it goes on by itself then.
 */
export async function askPrivacy(
  connection: Connection,
  operation: 'erase' | 'suppress' | 'unsuppress',
  id: string,
): Promise<PrivacyReceipt> {
  const deadline = Date.now() + PATIENCE_MS
  let receipt = await readApi<PrivacyReceipt>(connection, `/api/privacy/${operation}`, {
    method: 'POST',
    body: { id },
  })
  while (receipt.status !== 'done') {
    if (Date.now() > deadline) {
      const message = `The request ${receipt.id} is recorded and goes on by itself; ask for it at /api/privacy/requests/${receipt.id}.`
      throw new CliError('not_done_yet', message)
    }
    await sleep(POLL_MS)
    const path = `/api/privacy/requests/${encodeURIComponent(receipt.id)}`
    receipt = await readApi<PrivacyReceipt>(connection, path)
  }
  return receipt
}

/** The receipt for a person to read; what a third party can check is in the JSON. */
export async function printReceipt(
  what: string,
  { id, completedAt = '', counts, receipt }: PrivacyReceipt,
): Promise<void> {
  const taken = Object.entries(counts).filter(([, count]) => count > 0)
  const rows = [
    ['request', id],
    ['completed', completedAt],
    ...taken.map(([place, count]) => [place, String(count)]),
    ['signature', receipt?.signature ?? 'none: the collector has no TRIBUTARY_RECEIPT_SECRET'],
  ]
  await printLine(what)
  for (const [name = '', value = ''] of rows) await printLine(`  ${name.padEnd(18)}${value}`)
}
