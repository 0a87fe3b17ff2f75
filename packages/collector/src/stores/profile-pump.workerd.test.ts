import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { resolveConfiguration } from '@tributary/identity'
import { expect, test } from 'vitest'
import { enterItems, readItem } from '../core/profile-item.ts'
import type { CollectorEnv } from '../env.ts'
import { sendParcels } from './profile-pump.ts'
import { ProfileStore } from './profile-store.ts'

const RULES = resolveConfiguration()

function recordsOf(count: number): object[] {
  const page = (n: number) => ({
    type: 'page',
    anonymousId: 'a',
    messageId: `m${n}`,
    timestamp: '2026-01-01T00:00:00Z',
  })
  const erase = {
    type: '$delete',
    id: 'anonymousId:a',
    messageId: 'd',
    timestamp: '2026-01-02T00:00:00Z',
  }
  return [...Array.from({ length: count }, (_, n) => page(n)), erase]
}

test('a component that leaves while its erased events are scrubbed leaves nothing behind', async () => {
  const stub = (env as unknown as CollectorEnv).PROFILES?.getByName('leaves')
  if (!stub) throw new Error('There is no binding PROFILES.')
  const left = await runInDurableObject(stub, async (_, ctx) => {
    const store = new ProfileStore(ctx, RULES, 2)
    const items = recordsOf(300).flatMap((record) => readItem(JSON.stringify(record), RULES) ?? [])
    const [entered] = enterItems(items)
    if (!entered) throw new Error('There are no records.')
    const from = entered.to
    const shard = Number.parseInt(from.slice(-8), 16) % 2
    // Smaller than any other, and of the other shard.
    const into = `p_${'0'.repeat(31)}${1 - shard}` as typeof from
    await store.inTurn(() => store.apply([entered, { kind: 'merge', to: from, into }], shard))
    // As a crash between the commit and the scrubbing leaves it: the alarm scrubs, and a drain may pump meanwhile.
    store.transaction(() => store.statements.putScrub(from))
    // It has read the records, and is about to write them again, when they are deleted.
    await store.components.load(from)
    const scrubbing = store.inTurn(() => store.scrubAll())
    await sendParcels(store, () => ({ receive: async () => undefined }))
    await scrubbing
    return store.statements.packs(from).length
  })
  expect(left).toBe(0)
})
