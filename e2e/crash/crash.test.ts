import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { freePort, newFolder, removeFolder } from '../collector.ts'
import { createCampaign, WRITE_KEYS } from './campaign.ts'
import type { Findings } from './compare.ts'
import { createDisk, type Disk } from './disk.ts'
import {
  bundleFaultWorker,
  createFaultyCollector,
  exported,
  type FaultyCollector,
} from './faulty-collector.ts'
import { createLedger } from './ledger.ts'
import { planRound } from './plan.ts'
import { createRandom } from './random.ts'
import { replayAll } from './replay.ts'

/** How many rounds, and which; `npm run crash-test -- <rounds> <seed>` sets them. */
const ROUNDS = Number(process.env.TRIBUTARY_CRASH_ROUNDS ?? 6)
const SEED = Number(process.env.TRIBUTARY_CRASH_SEED ?? 7)

/** Rounds between two comparisons. */
const CHECK_EVERY = 25

const DISK_MEGABYTES = 64 + ROUNDS * 8

/** Characters of the collector's log that a failure shows. */
const OUTPUT_SHOWN = 5000

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

async function newWorld(megabytes: number) {
  const disk = createDisk(megabytes)
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

test(`acknowledged is stored, once, through ${ROUNDS} rounds of faults and kills (seed ${SEED})`, {
  timeout: 180_000 + ROUNDS * 30_000,
}, async () => {
  const begun = Date.now()
  const random = createRandom(SEED)
  const plan = random.fork()
  const { disk, collector } = await newWorld(DISK_MEGABYTES)
  if (!disk.canFill)
    report('No file system can be mounted here: the disk is never full in this run.')
  await collector.start({ lakeShare: 1, clockOffsetMs: 0 })
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
  await collector.start({ lakeShare: 1, clockOffsetMs: 0 })
  expect(digest(await exported(collector)), 'after one more start').toBe(before)

  const minutes = ((Date.now() - begun) / 60_000).toFixed(1)
  report(
    `seed ${SEED}: ${ROUNDS} rounds, ${acknowledged} acknowledged, 0 lost, 0 duplicated, ` +
      `${minutes} min; ${JSON.stringify(campaign.score)}`,
  )
})

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}
