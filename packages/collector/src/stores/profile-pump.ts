import { inFrames } from '../core/frames.ts'
import type { ProfilesStub } from '../adapters/profile-stubs.ts'
import type { Parcel, SentMessage } from './profile-outbox.ts'
import type { ProfileStore } from './profile-store.ts'

/** Parcels looked at together. */
const PARCELS_AT_ONCE = 20

type Peer = Pick<ProfilesStub, 'receive'>

/**
 * Sends what waits in the outbox, in its order. A parcel goes once the other shard has committed it: cut off in between, it
 * is sent again, which does no harm.
 *
 * @throws Error when a shard does not take one; that and what comes after it stays.
 */
export async function sendParcels(
  store: ProfileStore,
  peerOf: (shard: number) => Peer | undefined,
): Promise<void> {
  for (;;) {
    const parcels = store.statements.outgoing(PARCELS_AT_ONCE)
    if (parcels.length === 0) return
    for (const { seq, shard, json } of parcels) {
      const { from, messages } = JSON.parse(json) as Parcel
      const peer = peerOf(shard)
      if (!peer) throw new Error('There is no binding PROFILES.')
      if (from !== undefined) {
        const to = (messages[0] as SentMessage).to
        for (const lines of inFrames(await store.components.items(from))) {
          await peer.receive(shard, [{ kind: 'add', to, lines }])
        }
      }
      await peer.receive(shard, messages)
      store.transaction(() => {
        if (from !== undefined) store.statements.deletePacks(from)
        store.statements.deleteOutgoing(seq)
      })
    }
  }
}
