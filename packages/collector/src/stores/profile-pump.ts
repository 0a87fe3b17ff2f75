import type { Address } from '@tributary/identity'
import { inTime } from '../adapters/deadline.ts'
import type { ProfilesStub } from '../adapters/profile-stubs.ts'
import { inFrames } from '../core/frames.ts'
import { PROFILE_FEED_TIMEOUT_MS } from '../limits.ts'
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
    const [first] = parcels
    if (!first) return
    const peer = peerOf(first.shard)
    if (!peer) throw new Error('There is no binding PROFILES.')
    const { from, messages } = JSON.parse(first.json) as Parcel
    if (from !== undefined) await addRecords(store, peer, first.shard, from, messages)
    const sent = [first.seq, ...(from === undefined ? addNext(messages, parcels) : [])]
    await hand(peer, first.shard, messages)
    // In turn, for a scrubbing that is under way would write again what is deleted here.
    await store.inTurn(async () =>
      store.transaction(() => {
        if (from !== undefined) store.statements.deletePacks(from)
        for (const seq of sent) store.statements.deleteOutgoing(seq)
      }),
    )
  }
}

/** Adds the messages of parcels that follow the first one to its shard. @returns The numbers of those. */
function addNext(
  messages: SentMessage[],
  [first, ...parcels]: readonly { seq: number; shard: number; json: string }[],
): number[] {
  const added: number[] = []
  for (const { seq, shard, json } of parcels) {
    const parcel = JSON.parse(json) as Parcel
    if (shard !== first?.shard || parcel.from !== undefined) break
    messages.push(...parcel.messages)
    added.push(seq)
  }
  return added
}

/**
 * Puts the records of a component that moves before what tells of its profiles, to go where that goes. Only those that do not
 * fit one call go ahead: each call may fail, and then all of the component is sent again.
 */
async function addRecords(
  store: ProfileStore,
  peer: Peer,
  shard: number,
  from: Address,
  messages: SentMessage[],
): Promise<void> {
  const to = messages[0]?.to
  if (to === undefined) return
  const frames = inFrames(await store.components.items(from))
  const last = frames.pop()
  for (const lines of frames) await hand(peer, shard, [{ kind: 'add', to, lines }])
  if (last) messages.unshift({ kind: 'add', to, lines: last })
}

/** A shard that never answers must not hold up all others: what it has taken all the same does no harm a second time. */
async function hand(peer: Peer, shard: number, messages: SentMessage[]): Promise<void> {
  const message = `Shard ${shard} of the profiles does not answer.`
  await inTime(peer.receive(shard, messages), PROFILE_FEED_TIMEOUT_MS, message)
}
