import { performance } from 'node:perf_hooks'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { PROPERTIES } from '../peers/properties.mjs'
import { ADAPTERS } from './adapters.mjs'

/**
 * One SDK in a process of its own, which {@link file://./processes.mjs} starts: what it is to do is its argument, what it
 * has to say goes over the channel. Its own log is nobody's here.
 */

const { sdk, mode, events, tag, ...setup } = JSON.parse(process.argv[2])
for (const level of ['log', 'info', 'warn', 'error', 'debug']) console[level] = () => {}
for (const fault of ['uncaughtException', 'unhandledRejection']) {
  process.on(fault, (error) => tell({ fault: `${fault}: ${error}`.slice(0, 200) }))
}

const MODES = {
  burst: () => time(events),
  windowed: () => time(WINDOW),
  stay,
  exit,
  natural,
  close,
}
/** Calls after which the windowed manner waits until they are sent. */
const WINDOW = 1000
/** Calls in one turn of the event loop. */
const CHUNK = 1000
/** An SDK that has stopped sending is asked again so often. */
const NUDGE_MS = 100

const client = await ADAPTERS[sdk](setup)
await MODES[mode]()

/** Makes the calls, and tells what they and their delivery have cost. */
async function time(window) {
  const idleMb = process.memoryUsage().rss / 2 ** 20
  const callUs = new Float64Array(events)
  const cpuBefore = process.cpuUsage()
  const begun = performance.now()
  for (let made = 0; made < events; made++) {
    const calledAt = performance.now()
    client.track('bench_event', propertiesOf(made))
    callUs[made] = 1000 * (performance.now() - calledAt)
    if ((made + 1) % window === 0) await client.flush()
    else if ((made + 1) % CHUNK === 0) await nextTurn()
  }
  const callsMs = performance.now() - begun
  // Whoever started this process counts what has arrived.
  let isDone = false
  process.once('message', () => {
    isDone = true
  })
  tell({ made: events })
  while (!isDone) {
    void client.flush()
    await sleep(NUDGE_MS)
  }
  const { user, system } = process.cpuUsage(cpuBefore)
  const sorted = callUs.sort()
  tell({
    callsMs,
    idleMb,
    peakMb: process.resourceUsage().maxRSS / 1024,
    cpuS: (user + system) / 1e6,
    callUs: sorted[events >> 1],
    slowCallUs: sorted[Math.floor(events * 0.99)],
    longestMs: sorted[events - 1] / 1000,
  })
  process.exit()
}

function makeAll() {
  for (let made = 0; made < events; made++) client.track('bench_event', propertiesOf(made))
  tell({ made: events })
}

/** Goes on with a call now and then, as a server would: some SDKs send only then. */
function stay() {
  makeAll()
  setInterval(() => client.track('heartbeat', {}), 500)
}

function exit() {
  makeAll()
  process.exit()
}

/** Nothing of the client's own keeps a process alive that is through; nor does the channel. */
function natural() {
  makeAll()
  process.channel?.unref()
}

async function close() {
  makeAll()
  await client.close()
  process.exit()
}

function propertiesOf(number) {
  return {
    marker: `mk_${tag}_${number}_km`,
    seq: number,
    ...PROPERTIES,
  }
}

function tell(what) {
  if (process.connected) process.send(what)
}
