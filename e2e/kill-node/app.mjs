import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Tributary } from '@tributary/node'

/**
 * A server under load that is to be killed. It names its events, and tells on a line of those that the SDK has promised
 * to bring: with `always` those that a call has accepted, else those that are synced.
 *
 * Arguments: endpoint, write key, directory, fsync policy, name, and `drain` for one that only sends what others left.
 */
const [endpoint, writeKey, directory, fsync, name, mode] = process.argv.slice(2)
const client = new Tributary({
  endpoint,
  writeKey,
  queue: { directory, fsync },
  flushAt: 20,
  flushIntervalMs: 50,
  // Small, so that events go by way of the disk alone, too; but what many have left is sent in large batches.
  maxQueueBytes: mode === 'drain' ? 4_000_000 : 40_000,
  requestTimeoutMs: 2000,
})
client.on('error', () => {})
client.on('dropped', ({ reason }) => tell('dropped', [reason]))
client.on('rejected', ({ code }) => tell('rejected', [code]))
await (mode === 'drain' ? drain() : load())

async function load() {
  for (let count = 0; ; ) {
    const events = []
    let persisted
    for (let more = Math.random() * 20; more > 0; more--) {
      const event = `${name}-${count++}`
      const receipt = client.track({
        userId: `u${Math.floor(Math.random() * 10)}`,
        event,
        properties: { text: 'x'.repeat(Math.random() * 400) },
      })
      if (!receipt.accepted) throw new Error('refused')
      if (fsync === 'always') tell('safe', [event])
      else events.push(event)
      persisted = receipt.persisted
    }
    void persisted?.then(() => tell('safe', events))
    await sleep(Math.random() * 20)
  }
}

async function drain() {
  await client.ready()
  for (let idle = 0; idle < 3; idle++) {
    await client.flush({ timeout: 5000 })
    await sleep(100)
    const { pending, disk } = client.stats()
    tell('left', [`${pending} ${JSON.stringify(disk)}`])
    if (pending > 0) idle = 0
  }
  const { remaining } = await client.closeAndFlush()
  tell('drained', [`${remaining} ${JSON.stringify(client.stats())}`])
}

/** At once: what is told is told before a SIGKILL. */
function tell(what, events) {
  if (events.length > 0) writeSync(1, `${what} ${events.join(' ')}\n`)
}
