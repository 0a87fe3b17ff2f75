import fc from 'fast-check'
import { expect, test } from 'vitest'
import { configs, logs } from '../test/logs.ts'
import { randomOf, shuffled } from '../test/shuffle.ts'
import { addInSteps, incremental, sharded } from '../test/three-ways.ts'
import { addRecords, answerOf, emptyState, findProfile } from './add-records.ts'
import { buildProfiles, makeAnswer, readRecords } from './build-profiles.ts'
import { resolveConfiguration } from './configuration.ts'
import { keysOf } from './profile.ts'
import { settle } from './settle.ts'
import { why } from './why.ts'

const seeds = fc.integer()

test('any log, in any order and repeated: in one go, in steps and on shards give one answer', () => {
  fc.assert(
    fc.property(logs, configs, seeds, fc.constantFrom(1, 3, 16), (log, config, seed, count) => {
      const random = randomOf(seed)
      const answer = JSON.stringify(buildProfiles(log, config))
      const records = shuffled(log, random)
      expect(JSON.stringify(buildProfiles(records, config))).toBe(answer)
      expect(JSON.stringify(incremental(records, random, config))).toBe(answer)
      expect(JSON.stringify(sharded(records, count, random, config))).toBe(answer)
    }),
    { numRuns: 250 },
  )
})

test('components do not touch each other: settled together they give the same', () => {
  fc.assert(
    fc.property(logs, configs, (log, config) => {
      const rules = resolveConfiguration(config)
      const together = makeAnswer([settle(readRecords(log, rules).values(), rules)], rules)
      expect(JSON.stringify(together)).toBe(JSON.stringify(buildProfiles(log, config)))
    }),
    { numRuns: 200 },
  )
})

test('who follows the changes has the profiles', () => {
  fc.assert(
    fc.property(logs, configs, seeds, (log, config, seed) => {
      const state = emptyState(config)
      const held = new Map<string, unknown>()
      for (const record of shuffled(log, randomOf(seed))) {
        const { changes } = addRecords(state, [record])
        for (const change of changes) {
          if (change.type === 'profile.erased') held.delete(change.profileId)
          if (change.type === 'profile.merged') for (const id of change.from) held.delete(id)
          if ('profile' in change) held.set(change.profileId, change.profile)
        }
        const expected = new Map(answerOf(state).profiles.map((p) => [p.profileId, p]))
        expect(held).toEqual(expected)
      }
    }),
    { numRuns: 60 },
  )
})

test('two identifiers are together exactly if one profile or cluster holds both, and the chain leads from one to the other', () => {
  fc.assert(
    fc.property(logs, configs, seeds, (log, config, seed) => {
      const state = addInSteps(log, randomOf(seed), config)
      const keys = answerOf(state).profiles.flatMap(keysOf).slice(0, 6)
      for (const a of keys) {
        for (const b of keys) {
          const explanation = why(state, a, b)
          const isTogether = findProfile(state, a) === findProfile(state, b)
          expect(explanation.verdict === 'together').toBe(isTogether)
          if ('chain' in explanation) {
            const end = explanation.chain.reduce((at, { lead, other }) => {
              if (at === lead.key) return other.key
              return at === other.key ? lead.key : 'nowhere'
            }, a)
            expect(end).toBe(b)
            expect(explanation.chain.some(({ refused }) => refused)).toBe(!isTogether)
          }
        }
      }
    }),
    { numRuns: 40 },
  )
})

test('every id that was ever given out leads to the profile that holds its founder', () => {
  fc.assert(
    fc.property(logs, seeds, (log, seed) => {
      const state = emptyState()
      const given = new Map<string, string>()
      for (const record of shuffled(log, randomOf(seed))) {
        addRecords(state, [record])
        for (const { profileId, foundedBy } of answerOf(state).profiles) {
          given.set(profileId, foundedBy)
        }
      }
      for (const [profileId, founder] of given) {
        expect(findProfile(state, profileId)).toBe(findProfile(state, founder))
      }
    }),
    { numRuns: 50 },
  )
})
