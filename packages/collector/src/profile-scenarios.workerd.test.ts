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
import { afterEach, expect, test, vi } from 'vitest'
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
  Object.assign(faults, { lost: 0, answerLost: 0 })
  await reset()
  logged.mockClear()
})

/** Messages and answers that the test loses, and calls that its crashes end. */
const MEANT_TO_FAIL = /This (message|answer) is lost|Application called/

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
    if (random() < 0.15) await abortAllDurableObjects()
    if (random() < 0.5) await profilesOf(ENV, Math.floor(random() * shards))?.pump()
  }
}

/** Waits until nothing is on its way between shards. */
async function quiet(shards: number): Promise<void> {
  const all = allProfiles(ENV, shards)
  for (let left = 1; left > 0; ) {
    for (const shard of all) await insist(async () => shard.pump())
    left = 0
    for (const shard of all) left += (await shard.stats()).outgoing
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

async function check(scenario: Scenario, shards: number, seed: number): Promise<void> {
  const random = randomOf(seed)
  faults.random = random
  Object.assign(faults, shards > 1 ? { lost: 0.1, answerLost: 0.1 } : {})
  const identity = scenario.config ?? {}
  await runShards(shards, identity)
  const records = shuffled(scenario.events, random)
  await feed([...records, ...shuffled(records, random).slice(0, 3)], shards, identity, random)
  await quiet(shards)
  const expected = [...digestsOfStored(scenario.events, resolveConfiguration(identity))]
  expect(await digests(shards)).toEqual(
    expected.map(([component, { digest }]) => [component, digest]).sort(),
  )
  expect(await profiles(shards)).toEqual(
    JSON.parse(JSON.stringify(buildProfiles(scenario.events, identity).profiles)),
  )
  for (const [, error] of logged.mock.calls) expect(`${error}`).toMatch(MEANT_TO_FAIL)
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
  // Under a second on a free machine, the largest four; many times that on one that others use too.
  60_000,
)
