import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest'
import { type Event, freePort, newFolder, removeFolder } from '../collector.ts'
import { createCampaign, WRITE_KEYS } from './campaign.ts'
import { send } from './client.ts'
import type { Findings } from './compare.ts'
import { createDisk, type Disk } from './disk.ts'
import {
  bundleFaultWorker,
  createFaultyCollector,
  exported,
  type FaultyCollector,
  until,
} from './faulty-collector.ts'
import { createLedger } from './ledger.ts'
import { planRound } from './plan.ts'
import { createRandom } from './random.ts'
import { replayAll } from './replay.ts'
import type { Faults } from './worker/faults.ts'

/** How many rounds, and which; `npm run crash-test -- <rounds> <seed>` sets them. */
const ROUNDS = Number(process.env.TRIBUTARY_CRASH_ROUNDS ?? 6)
const SEED = Number(process.env.TRIBUTARY_CRASH_SEED ?? 7)

/** Rounds between two comparisons. */
const CHECK_EVERY = 25

const DISK_MEGABYTES = 64 + ROUNDS * 8

/** Characters of the collector's log that a failure shows. */
const OUTPUT_SHOWN = 5000

/** Longest that an alarm may take: journals drain every 30 seconds. */
const DRAIN_DEADLINE_MS = 90_000

const UNDISTURBED: Faults = { lakeShare: 1, clockOffsetMs: 0 }

const NOTHING: Findings = {
  lost: [],
  duplicated: [],
  foreign: [],
  altered: [],
  disordered: [],
  wrongAnswers: [],
}

const bundleFolder = newFolder()
let workerFile: string
const disks: Disk[] = []
const collectors: FaultyCollector[] = []

beforeAll(async () => {
  workerFile = await bundleFaultWorker(bundleFolder)
})

afterAll(async () => {
  for (const collector of collectors) await collector.kill()
  for (const disk of disks) disk.remove()
  removeFolder(bundleFolder)
})

async function newWorld({ onTestFailed }: TestContext) {
  const disk = createDisk(DISK_MEGABYTES)
  disks.push(disk)
  const collector = createFaultyCollector(await freePort(), disk.folder, workerFile)
  collectors.push(collector)
  onTestFailed(() => report(collector.output().slice(-OUTPUT_SHOWN)))
  return { disk, collector }
}

function report(text: string): void {
  // biome-ignore lint/suspicious/noConsole: the figures are what the test is run for
  console.info(text)
}

test.concurrent(`acknowledged is stored, once, through ${ROUNDS} rounds of faults and kills (seed ${SEED})`, {
  timeout: 180_000 + ROUNDS * 30_000,
}, async (context) => {
  const begun = Date.now()
  const random = createRandom(SEED)
  const plan = random.fork()
  const { disk, collector } = await newWorld(context)
  if (!disk.canFill)
    report('No file system can be mounted here: the disk is never full in this run.')
  await collector.start(UNDISTURBED)
  const ledger = createLedger()
  const campaign = createCampaign({ collector, disk, ledger, random: random.fork() })

  for (let round = 1; round <= ROUNDS; round++) {
    await campaign.runRound(planRound(plan))
    if (round % CHECK_EVERY !== 0) continue
    expect(await campaign.check(), `after round ${round}`).toEqual(NOTHING)
    const acknowledged = ledger.entries.filter((entry) => entry.acknowledgedAt !== undefined)
    report(`round ${round}: ${acknowledged.length} acknowledged, ${JSON.stringify(campaign.score)}`)
  }
  expect(await campaign.check(), 'at the end').toEqual(NOTHING)
  const acknowledged = ledger.entries.filter((entry) => entry.acknowledgedAt !== undefined).length
  expect(acknowledged).toBeGreaterThan(ROUNDS * 100)

  await replayAll(collector.url, WRITE_KEYS, ledger, random.fork())
  expect(await campaign.check(), 'after a replay of everything').toEqual(NOTHING)
  const before = digest(await exported(collector))
  await collector.kill()
  await collector.start(UNDISTURBED)
  expect(digest(await exported(collector)), 'after one more start').toBe(before)

  const minutes = ((Date.now() - begun) / 60_000).toFixed(1)
  report(
    `seed ${SEED}: ${ROUNDS} rounds, ${acknowledged} acknowledged, 0 lost, 0 duplicated, ` +
      `${minutes} min; ${JSON.stringify(campaign.score)}`,
  )
})

test.concurrent('drains again by itself, once the cron has run, where alarms were lost', {
  timeout: 300_000,
}, async (context) => {
  const { collector } = await newWorld(context)
  await collector.start(UNDISTURBED)
  await sendSome(collector.url)
  await collector.control('lose-alarms')
  await collector.control('cron')
  await until(() => isDrained(collector), DRAIN_DEADLINE_MS, 'everything in the lake')
})

test.concurrent('drains again by itself, once the cron has run, where the clock was days ahead', {
  timeout: 300_000,
}, async (context) => {
  const { collector } = await newWorld(context)
  await collector.start({ ...UNDISTURBED, clockOffsetMs: 72 * 3_600_000 })
  await sendSome(collector.url)
  await collector.control('set', UNDISTURBED)
  await collector.control('cron')
  await until(() => isDrained(collector), DRAIN_DEADLINE_MS, 'everything in the lake')
})

/** One batch for several shards. */
async function sendSome(url: string): Promise<void> {
  const batch = Array.from({ length: 30 }, (_, index) => ({
    type: 'track',
    event: 'Sent',
    anonymousId: `person-${index}`,
  }))
  const answer = await send(url, JSON.stringify({ writeKey: WRITE_KEYS.web, batch }))
  expect(answer.status).toBe(200)
}

/** Whether the journals have nothing left, without asking them to drain. */
async function isDrained(collector: FaultyCollector): Promise<boolean> {
  const stats = await (await collector.api('/api/stats')).json()
  return (stats as Event).shards.every((shard: Event) => shard.backlogRows === 0)
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}
