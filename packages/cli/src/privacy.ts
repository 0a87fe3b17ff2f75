import { setTimeout as sleep } from 'node:timers/promises'
import type { JsonObject } from '@tributary/protocol'
import { readApi } from './adapters/collector-api.ts'
import { CliError } from './cli-error.ts'
import type { Connection } from './connection.ts'

/** What the collector tells of a request for erasure and the like. */
export type PrivacyReceipt = JsonObject & { id: string; status: string }

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
