import { readFileSync } from 'node:fs'
import type { Json, JsonObject } from '@tributary/protocol'
import { describe, expect, test } from 'vitest'
import { randomOf, shuffled } from '../test/shuffle.ts'
import { incremental, sharded } from '../test/three-ways.ts'
import { addRecords, emptyState, findProfile } from './add-records.ts'
import { type Answer, buildProfiles } from './build-profiles.ts'
import { type IdentityConfig, resolveConfiguration } from './configuration.ts'
import { parseIdentifier } from './identifiers.ts'
import { keysOf } from './profile.ts'

interface Scenario {
  name: string
  why: string
  orderInsensitive: boolean
  config?: IdentityConfig
  events: JsonObject[]
  expect: {
    profiles: { ids: Record<string, string[]>; traits: JsonObject; eventCount: number }[]
    notMerged?: [string, string][]
    merged?: [string, string][]
    refused?: [string, string][]
    shared?: string[]
    groups?: { id: string; traits: JsonObject; members: string[] }[]
    stableProfileId?: { of: string; afterEvent: string }
  }
}

const { scenarios } = JSON.parse(
  readFileSync(new URL('../test/scenarios.json', import.meta.url), 'utf8'),
) as { scenarios: Scenario[] }

const PERMUTATIONS = 50

function sorted(values: readonly Json[]): Json[] {
  return values.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

/** A profile as the scenarios write it: lists in any order. */
function plain(ids: Record<string, string[]>, traits: JsonObject, eventCount: number): Json {
  const types = Object.entries(ids).map(([type, values]) => [type, sorted(values)])
  return { ids: Object.fromEntries(sorted(types) as []), traits: sortKeys(traits), eventCount }
}

function sortKeys(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function holderOf(answer: Answer, id: string): string | undefined {
  const key = parseIdentifier(id, resolveConfiguration())?.key ?? id
  return answer.profiles.find((profile) => keysOf(profile).includes(key))?.profileId
}

function check(answer: Answer, { expect: expected }: Scenario): void {
  expect(
    sorted(answer.profiles.map(({ ids, traits, eventCount }) => plain(ids, traits, eventCount))),
  ).toEqual(
    sorted(expected.profiles.map(({ ids, traits, eventCount }) => plain(ids, traits, eventCount))),
  )
  for (const [a, b] of expected.notMerged ?? []) {
    const [holderOfA, holderOfB] = [holderOf(answer, a), holderOf(answer, b)]
    expect(holderOfA === undefined ? 'nobody' : holderOfA).not.toBe(holderOfB)
  }
  for (const [a, b] of expected.merged ?? []) {
    expect(holderOf(answer, a)).toBeDefined()
    expect(holderOf(answer, a)).toBe(holderOf(answer, b))
  }
  const refused = answer.refused.map(({ lead, other }) => [lead.key, other.key])
  for (const pair of expected.refused ?? []) expect(refused).toContainEqual(pair)
  expect(answer.shared).toEqual((expected.shared ?? []).toSorted())
  expect(
    answer.groups.map(({ groupId, traits, members }) => ({ id: groupId, traits, members })),
  ).toEqual(
    (expected.groups ?? []).map(({ id, traits, members }) => {
      return { id, traits, members: members.map((id) => holderOf(answer, id)).toSorted() }
    }),
  )
}

describe.each(scenarios)('$name', (scenario) => {
  const { events, config, orderInsensitive } = scenario

  test('gives the profiles that are written down', () => {
    check(buildProfiles(events, config), scenario)
  })

  test('gives the same in any order, with repetitions, in steps and on shards', () => {
    const answer = JSON.stringify(buildProfiles(events, config))
    for (let seed = 0; orderInsensitive && seed < PERMUTATIONS; seed++) {
      const random = randomOf(seed)
      const records = shuffled(events, random)
      const count = [1, 3, 16][seed % 3] as number
      expect(JSON.stringify(buildProfiles(records, config))).toBe(answer)
      expect(JSON.stringify(incremental(records, random, config))).toBe(answer)
      if (seed % 5 === 0)
        expect(JSON.stringify(sharded(records, count, random, config))).toBe(answer)
    }
  })
})

test.each(scenarios.filter(({ expect: { stableProfileId } }) => stableProfileId))(
  'keeps the id that was given out early: $name',
  ({ events, config, expect: { stableProfileId } }) => {
    const { of = '', afterEvent } = stableProfileId ?? {}
    const state = emptyState(config)
    const end = events.findIndex(({ messageId }) => messageId === afterEvent) + 1
    addRecords(state, events.slice(0, end))
    const early = findProfile(state, of)?.profileId
    addRecords(state, events.slice(end))
    expect(early).toMatch(/^p_[0-9a-f]{32}$/)
    expect(findProfile(state, of)?.profileId).toBe(early)
  },
)
