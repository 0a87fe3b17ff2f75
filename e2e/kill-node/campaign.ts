import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Collector,
  exportEvents,
  type Program,
  startCollector,
  startProgram,
  WRITE_KEY,
} from '../collector.ts'
import type { Random } from '../crash/random.ts'

/** Servers that run side by side on one directory. */
const SERVERS = 2

/** Longest life of a server: its start, some load, its end in the middle of a request. */
const MAX_LIFE_MS = 700

/** Rounds between two changes of the collector, up or down. */
const ROUNDS_UP = 3
const ROUNDS_DOWN = 2

/** Of each, some of the servers on the one directory. */
const POLICIES = ['always', 'interval']

/** For all that was left while the collector was down. */
const DRAIN_TIMEOUT_MS = 180_000

/** What a run needs. */
interface World {
  port: number
  dataDirectory: string
  queueDirectory: string
  random: Random
}

/** What came of it. */
interface Findings {
  promised: number
  exported: number
  collectorKills: number
  /** Promised, and not in the export. */
  lost: string[]
  /** In the export more than once. */
  doubled: string[]
  /** Whatever else a server complained of. */
  faults: string[]
}

/** Kills servers under load, a collector too, lets a last server send what they left, and compares. */
export async function killServers(world: World, rounds: number): Promise<Findings> {
  const { port, dataDirectory, random } = world
  const servers: Program[] = []
  const lines: string[] = []
  let collector: Collector | undefined = await startCollector(port, dataDirectory)
  let collectorKills = 0
  let count = 0

  const start = (mode?: 'drain') => startServer(world, `s${count++}`, mode)
  async function killOne(): Promise<void> {
    const [server] = servers.splice(random.whole(0, servers.length), 1)
    await server?.kill()
    lines.push(...(server?.output().split('\n') ?? []))
  }

  for (let i = 0; i < SERVERS; i++) servers.push(start())
  for (let round = 1; round <= rounds; round++) {
    await sleep(random.next() * MAX_LIFE_MS)
    await killOne()
    servers.push(start())
    const inTurn = round % (ROUNDS_UP + ROUNDS_DOWN)
    if (inTurn === ROUNDS_UP) {
      await collector?.kill()
      collector = undefined
      collectorKills++
    } else if (inTurn === 0) collector ??= await startCollector(port, dataDirectory)
  }
  while (servers.length > 0) await killOne()
  collector ??= await startCollector(port, dataDirectory)
  const last = start('drain')
  try {
    await last.waitFor('drained 0', DRAIN_TIMEOUT_MS)
    lines.push(...last.output().split('\n'))
    const exported = (await exportEvents(collector.url)).map(({ event }) => String(event))
    return { ...compare(lines, exported), collectorKills }
  } finally {
    if (last.process.exitCode === null) await last.kill()
    await collector.kill()
  }
}

function startServer(world: World, name: string, mode: 'drain' | undefined): Program {
  const { port, queueDirectory, random } = world
  const endpoint = `http://127.0.0.1:${port}`
  const fsync = random.pick(POLICIES)
  const told = [endpoint, WRITE_KEY, queueDirectory, fsync, name, ...(mode ? [mode] : [])]
  return startProgram(process.execPath, ['e2e/kill-node/app.mjs', ...told], {})
}

function compare(lines: readonly string[], exported: readonly string[]) {
  const promised = lines
    .filter((line) => line.startsWith('safe '))
    .flatMap((line) => line.split(' ').slice(1))
  const counts = new Map<string, number>()
  for (const event of exported) counts.set(event, (counts.get(event) ?? 0) + 1)
  return {
    promised: promised.length,
    exported: exported.length,
    lost: promised.filter((event) => !counts.has(event)),
    doubled: [...counts].filter(([, times]) => times > 1).map(([event]) => event),
    faults: lines.filter((line) => line !== '' && !/^(safe|left|drained) /.test(line)),
  }
}
