import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { openEventLog } from '../dist/disk-log.js'

/**
 * A process with a log of its own, to be killed: it appends, reads and ends, and tells of each on a line. What it tells
 * before a promise of the log is what it is about to do; what it tells behind it, is what the log must keep.
 *
 * Arguments: directory, name, fsync policy, and `drain` for one that only reads and ends until nothing is left.
 */
const [directory, name, fsync, mode] = process.argv.slice(2)
const log = openEventLog({
  directory,
  fsync,
  fsyncIntervalMs: 10,
  segmentBytes: 4000,
  platform: { lookEveryMs: 50 },
  onFailure: (error) => tell('failure', [`${error.message} ${error.cause}`]),
})
const held = []
let count = 0

// The log keeps no process alive.
setInterval(() => {}, 1000)
await (mode === 'drain' ? drain() : run())

async function run() {
  for (;;) {
    const appended = []
    for (let more = Math.random() * 10; more > 0; more--) appended.push(append())
    await log.synced()
    tell('synced', appended)
    if (Math.random() < 0.3) await read(2000)
    if (Math.random() < 0.7) await end(held.splice(0, Math.random() * held.length))
    if (Math.random() < 0.3) await sleep(Math.random() * 20)
  }
}

async function drain() {
  for (let idle = 0; idle < 10; ) {
    const found = await read(100_000)
    await end(held.splice(0))
    idle = found === 0 ? idle + 1 : 0
    if (found === 0) await sleep(30)
  }
  await log.close()
  tell('drained', [JSON.stringify(log.stats())])
  process.exit()
}

function append() {
  const event = `${name}-${count++}`
  const isLoaded = Math.random() < 0.5
  const json = JSON.stringify({ event, text: 'é'.repeat(Math.random() * 400) })
  const ref = log.append(json, isLoaded)
  if (!ref) throw new Error('refused')
  if (isLoaded) {
    held.push({ event, ref })
    tell('held', [event])
  }
  // Before anything else happens: with this policy, it is safe when `append` has returned.
  if (fsync === 'always') tell('synced', [event])
  return event
}

async function read(maxBytes) {
  const records = (await log.read(maxBytes)).map(({ ref, json }) => ({
    ref,
    event: JSON.parse(json).event,
  }))
  tell(
    'held',
    records.map(({ event }) => event),
  )
  held.push(...records)
  return records.length
}

async function end(ending) {
  tell(
    'ending',
    ending.map(({ event }) => event),
  )
  log.end(ending.map(({ ref }) => ref))
  // Behind the task, marks are in the kernel.
  await sleep(0)
  tell(
    'ended',
    ending.map(({ event }) => event),
  )
}

/** At once: what is told is told before a SIGKILL. */
function tell(what, events) {
  if (events.length > 0) writeSync(1, `${what} ${events.join(' ')}\n`)
}
