import { abortAllDurableObjects, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import {
  buildProfiles,
  digestsOfStored,
  type IdentityConfig,
  type Profile,
  resolveConfiguration,
} from '@tributary/identity'
import type { JsonObject } from '@tributary/protocol'
import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { configs, logs } from '../../identity/test/logs.ts'
import scenarioFile from '../../identity/test/scenarios.json' with { type: 'json' }
import { randomOf, shuffled } from '../../identity/test/shuffle.ts'
import { faults } from '../test-faults.ts'
import { allProfiles, profilesOf } from './adapters/profile-stubs.ts'
import { defineConfig } from './config.ts'
import type { CollectorEnv } from './env.ts'
import { runWith } from './running-config.ts'
import { feedRequests } from './stores/profile-feed.ts'

const ENV = env as unknown as CollectorEnv

interface Scenario {
  name: string
  orderInsensitive: boolean
  config?: IdentityConfig
  events: JsonObject[]
}

/** What the shards log of attempts that failed. */
const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined)

const { scenarios } = scenarioFile as unknown as { scenarios: Scenario[] }

afterEach(async () => {
  Object.assign(faults, NO_FAULTS)
  await reset()
  logged.mockClear()
})

/** Messages and answers that the test loses, and calls that its crashes end. */
const MEANT_TO_FAIL = /This (message|answer) is lost|This shard crashes|Application called/

const NO_FAULTS = { ...faults }
const FAULTS = {
  lost: 0.1,
  answerLost: 0.1,
  receiverCrashes: 0.03,
  senderCrashes: 0.03,
  repeated: 0.2,
}

/** Runs shards with a configuration; what they had in memory is gone. */
async function runShards(shards: number, identity: IdentityConfig = {}): Promise<void> {
  runWith(
    defineConfig({
      sources: [{ id: 'web', writeKeys: ['wk'] }],
      profileShards: shards,
      identity,
    }),
  )
  await abortAllDurableObjects()
}

function toBytes(records: readonly JsonObject[]): ArrayBuffer {
  const ndjson = records.map((record) => `${JSON.stringify(record)}\n`).join('')
  return new TextEncoder().encode(ndjson).buffer as ArrayBuffer
}

/** Does something until it succeeds: as a journal does, whose rows wait until they are taken. */
async function insist(attempt: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await attempt()
      return
    } catch (error) {
      if (tries > 50) throw error
    }
  }
}

/** Feeds records in some calls, with crashes in between and calls that are made again. */
async function feed(
  records: readonly JsonObject[],
  shards: number,
  identity: IdentityConfig,
  random: () => number,
): Promise<void> {
  const rules = resolveConfiguration(identity)
  const underWay: Promise<unknown>[] = []
  let seq = 0
  for (let at = 0; at < records.length; ) {
    const some = records.slice(at, at + 1 + Math.floor(random() * 4))
    at += some.length
    seq += 1
    const rows = [{ seq, events: toBytes(some) }]
    for (const request of feedRequests(rows, { journal: 'j', through: seq }, shards, rules)) {
      await insist(async () => profilesOf(ENV, request.shard)?.feed(request))
      if (random() < 0.2) await insist(async () => profilesOf(ENV, request.shard)?.feed(request))
    }
    const pumping = random() < 0.5 && profilesOf(ENV, Math.floor(random() * shards))?.pump()
    if (pumping && random() < 0.5) await pumping.catch(ignore)
    else if (pumping) underWay.push(pumping.catch(ignore))
    if (random() < 0.15) await abortAllDurableObjects()
    if (random() < 0.3) await repeatOne(random)
  }
  await Promise.all(underWay)
  faults.repeated = 0
  while (faults.repeats.length > 0) await repeatOne(random)
}

/** A message that arrived comes once more. */
async function repeatOne(random: () => number): Promise<void> {
  const [again] = faults.repeats.splice(Math.floor(random() * faults.repeats.length), 1)
  if (again) await insist(async () => profilesOf(ENV, again.to)?.receive(...again.message))
}

function ignore(): void {}

/** Waits until nothing is on its way between shards: none waits, and none was called since all were asked before. */
async function quiet(shards: number): Promise<void> {
  // A crash takes the last calls from their count.
  Object.assign(faults, { receiverCrashes: 0, senderCrashes: 0 })
  for (let [before, now] = ['', 'asked']; before !== now; ) {
    before = now
    now = ''
    // A stub is of no use any more once its object has crashed.
    for (let shard = 0; shard < shards; shard++)
      await insist(async () => profilesOf(ENV, shard)?.pump())
    for (let shard = 0; shard < shards; shard++) {
      await insist(async () => {
        const { outgoing = 0, calls = 0 } = (await profilesOf(ENV, shard)?.stats()) ?? {}
        now += `${outgoing > 0 ? Math.random() : calls} `
      })
    }
  }
}

async function digests(shards: number): Promise<[string, string | null][]> {
  const all: [string, string | null][] = []
  for (const shard of allProfiles(ENV, shards)) {
    const page = await shard.digests('', 1000)
    for (const { component, digest } of page.digests) all.push([component, digest])
  }
  return all.sort()
}

async function profiles(shards: number): Promise<Profile[]> {
  const all: Profile[] = []
  for (const shard of allProfiles(ENV, shards))
    all.push(...(await shard.list(undefined, 1000)).profiles)
  return all.sort((a, b) => (a.profileId < b.profileId ? -1 : 1))
}

/** Feeds records in any order and some of them twice, until all is where it belongs. */
async function settle(
  { events, config = {} }: Pick<Scenario, 'config' | 'events'>,
  shards: number,
  seed: number,
): Promise<void> {
  const random = randomOf(seed)
  faults.random = random
  if (shards > 1) Object.assign(faults, FAULTS, { repeats: [] })
  await runShards(shards, config)
  const records = shuffled(events, random)
  await feed([...records, ...shuffled(records, random).slice(0, 3)], shards, config, random)
  await quiet(shards)
  const expected = [...digestsOfStored(events, resolveConfiguration(config))]
    .map(([component, { digest }]) => [component, digest])
    .sort()
  expect(await digests(shards)).toEqual(expected)
  for (const [, error] of logged.mock.calls) expect(`${error}`).toMatch(MEANT_TO_FAIL)
}

async function check(scenario: Scenario, shards: number, seed: number): Promise<void> {
  await settle(scenario, shards, seed)
  expect(await profiles(shards)).toEqual(
    JSON.parse(JSON.stringify(buildProfiles(scenario.events, scenario.config).profiles)),
  )
}

/** Without any time, the order of arrival is all the time there is; the collector stamps every record. */
const timed = scenarios.filter(({ orderInsensitive }) => orderInsensitive)

/** Components that move many times, each move over several calls; beside them some of the others, for each call takes its time. */
const MANY_MOVES = /^(one-user-60-devices|alias-chain-40|email-device-chain|super-component)/
const onThree = timed.filter(({ name }, index) => MANY_MOVES.test(name) || index % 4 === 0)

test.each(timed)('$name: one shard gives the profiles that are written down', (scenario) =>
  check(scenario, 1, 1),
)

test.each(onThree)(
  '$name: three shards that lose messages and crash give the same',
  (scenario) => check(scenario, 3, 2),
  // The largest take four seconds on a free machine, and ten times that on one that others use too.
  60_000,
)

const { PROFILE_ROUNDS, PROFILE_SEED } = env as { PROFILE_ROUNDS?: string; PROFILE_SEED?: string }
const seeds = Array.from(
  { length: Number(PROFILE_ROUNDS || 5) },
  (_, round) => Number(PROFILE_SEED || 1) + round,
)

test.each(seeds)(
  'records of seed %i: any number of shards that lose messages and crash give what the records alone give',
  { retry: 0, timeout: 60_000 },
  async (seed) => {
    const [log = [], config = {}] =
      fc.sample(fc.tuple(logs, configs), { seed, numRuns: 1 })[0] ?? []
    // What a `$delete` erases before all records are there stays erased, though it may be another person's once they are.
    const events = log.filter(({ type }) => type !== '$delete')
    const shards = 2 + (seed % 4)
    await settle({ events, config }, shards, seed)
    const live = await digests(shards)
    await abortAllDurableObjects()
    expect(await digests(shards)).toEqual(live)
  },
)
