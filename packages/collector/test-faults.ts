import { Profiles as CollectorProfiles } from './src/index.ts'

type Receive = Parameters<CollectorProfiles['receive']>

/** What goes wrong between shards of profiles, as parts of all messages. */
export const faults = {
  /** Messages that do not arrive, and those of which the sender does not hear that they did. */
  lost: 0,
  answerLost: 0,
  /** Shards that crash as a message is there, before or after they have taken it; and as the answer is. */
  receiverCrashes: 0,
  senderCrashes: 0,
  /** Messages that arrive again, whenever the test says so. */
  repeated: 0,
  repeats: [] as { to: number; message: Receive }[],
  random: Math.random,
}

function happens(part: number): boolean {
  return faults.random() < part
}

/** The profiles in a world where messages get lost, answers to them, and shards. */
export class Profiles extends CollectorProfiles {
  protected override peer(shard: number): ReturnType<CollectorProfiles['peer']> {
    const peer = super.peer(shard)
    return (
      peer && {
        receive: async (...message) => {
          if (happens(faults.lost)) throw new Error('This message is lost.')
          if (happens(faults.repeated)) {
            faults.repeats.push({ to: shard, message: structuredClone(message) })
          }
          await peer.receive(...message)
          if (happens(faults.answerLost)) throw new Error('This answer is lost.')
          if (happens(faults.senderCrashes)) this.ctx.abort('This shard crashes.')
        },
      }
    )
  }

  override async receive(...message: Receive): Promise<void> {
    if (happens(faults.receiverCrashes)) this.ctx.abort('This shard crashes.')
    await super.receive(...message)
    if (happens(faults.receiverCrashes)) this.ctx.abort('This shard crashes.')
  }
}
