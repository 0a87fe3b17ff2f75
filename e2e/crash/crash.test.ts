import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest'
import { type Event, freePort, newFolder, removeFolder } from '../collector.ts'
import { createCampaign, WRITE_KEYS } from './campaign.ts'
import { send } from './client.ts'
import type { Findings } from './compare.ts'
import { createDisk, type Disk } from './disk.ts'
import { drain } from './disturbance.ts'
import {
  bundleFaultWorker,
  createFaultyCollector,
  exportedLines,
  type FaultyCollector,
  until,
} from './faulty-collector.ts'
import { createLedger } from './ledger.ts'
import { planRound, ROUNDS_FOR_ALL_FAULTS } from './plan.ts'
import { createRandom } from './random.ts'
import { replayAll } from './replay.ts'
import { UNDISTURBED } from './worker/faults.ts'

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
    await campaign.runRound(planRound(plan, round - 1))
    if (round % CHECK_EVERY !== 0) continue
    expect(await campaign.check(), `after round ${round}`).toEqual(NOTHING)
    report(`round ${round}: ${ledger.acknowledged} acknowledged, ${JSON.stringify(campaign.score)}`)
  }
  expect(await campaign.check(), 'at the end').toEqual(NOTHING)
  const { acknowledged } = ledger
  expect(acknowledged).toBeGreaterThan(ROUNDS * 100)
  expect(campaign.score.kills).toBeGreaterThanOrEqual(ROUNDS - campaign.score.ownEnds)
  if (ROUNDS >= ROUNDS_FOR_ALL_FAULTS) {
    const kinds = ['alarms', 'clock', 'lake forget', 'lake hang', 'lake refuse']
    if (disk.canFill) kinds.push('disk')
    const { refuse = 0, hang = 0, forget = 0, alarmLost = 0 } = campaign.score.strikes
    expect(Math.min(refuse, hang, forget, alarmLost)).toBeGreaterThan(0)
    expect(ledger.refusals).toBeGreaterThan(0)
    expect(Object.keys(campaign.score.faults).sort()).toEqual(kinds.sort())
  }

  await replayAll(collector.url, WRITE_KEYS, ledger, random.fork())
  expect(await campaign.check(), 'after a replay of everything').toEqual(NOTHING)
  const before = await digestOfExport(collector)
  await collector.kill()
  await collector.start(UNDISTURBED)
  expect(await digestOfExport(collector), 'after one more start').toBe(before)

  const minutes = ((Date.now() - begun) / 60_000).toFixed(1)
  report(
    `seed ${SEED}: ${ROUNDS} rounds, ${acknowledged} acknowledged, 0 lost, 0 duplicated, ` +
      `${minutes} min, ${ledger.refusals} requests told to try again; ${JSON.stringify(campaign.score)}`,
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

test.concurrent('drains again by itself where the lake has left a put without any answer', {
  timeout: 300_000,
}, async (context) => {
  const { collector } = await newWorld(context)
  await collector.start({ ...UNDISTURBED, lake: 'ignore' })
  await sendSome(collector.url)
  const drained = drain(collector)
  await until(async () => (await strikesOf(collector)).ignore > 0, DRAIN_DEADLINE_MS, 'a put')
  await collector.control('set', { lake: 'none' })
  await drained
  await until(() => isDrained(collector), DRAIN_DEADLINE_MS, 'everything in the lake')
})

async function strikesOf(collector: FaultyCollector): Promise<Event> {
  return (await collector.control('strikes')) as Event
}

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

async function digestOfExport(collector: FaultyCollector): Promise<string> {
  const hash = createHash('sha256')
  for await (const line of exportedLines(collector)) hash.update(`${line}\n`)
  return hash.digest('hex')
}
