import { Profiles as CollectorProfiles } from './src/index.ts'

/** What goes wrong between shards of profiles, as parts of all messages. */
export const faults = { lost: 0, answerLost: 0, random: Math.random }

/** The profiles in a world where messages get lost, and answers to them. */
export class Profiles extends CollectorProfiles {
  protected override peer(shard: number): ReturnType<CollectorProfiles['peer']> {
    const peer = super.peer(shard)
    return (
      peer && {
        async receive(...message) {
          if (faults.random() < faults.lost) throw new Error('This message is lost.')
          await peer.receive(...message)
          if (faults.random() < faults.answerLost) throw new Error('This answer is lost.')
        },
      }
    )
  }
}
