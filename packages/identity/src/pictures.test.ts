import { readFileSync } from 'node:fs'
import type { JsonObject } from '@tributary/protocol'
import { expect, test } from 'vitest'
import { randomOf, shuffled } from '../test/shuffle.ts'
import { buildProfiles } from './build-profiles.ts'

const GUIDE = readFileSync(new URL('../../../docs/identity.md', import.meta.url), 'utf8')

/** A drawing of the guide: `10:02  identify  u1 a1    u1 ─── a1    ●` and `● u1 a1    3 events`. */
interface Picture {
  events: { time: string; type: string; ids: string[]; refused: boolean; mark?: string }[]
  profiles: { mark: string; ids: string[]; eventCount: number }[]
}

function readPicture(text: string): Picture {
  const picture: Picture = { events: [], profiles: [] }
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [first = '', type = '', ids = '', ...rest] = line.split(/ {2,}/)
    if (/^\d/.test(first)) {
      const mark = rest.at(-1)
      const refused = line.includes('─╳─')
      const event = { time: first, type, ids: ids.split(' '), refused, ...(mark && { mark }) }
      picture.events.push(event)
    } else {
      const [mark = '', ...names] = first.split(' ')
      picture.profiles.push({ mark, ids: names.sort(), eventCount: Number.parseInt(type, 10) })
    }
  }
  return picture
}

/** The type of an identifier, by how the pictures write it. */
function typeOf(id: string): 'userId' | 'email' | 'anonymousId' {
  if (id.includes('@')) return 'email'
  return id.startsWith('u') ? 'userId' : 'anonymousId'
}

function toRecord({ time, type, ids }: Picture['events'][number]): JsonObject {
  const record: JsonObject = { type, messageId: time, timestamp: `2026-01-01T${time}:00Z` }
  const [a, b] = ids.map((id) => `${typeOf(id)}:${id}`)
  if (type === '$unlink') return { ...record, a: a as string, b: b as string }
  for (const id of ids) {
    if (typeOf(id) === 'email') record.context = { traits: { email: id } }
    else record[typeOf(id)] = id
  }
  return record
}

const pictures = GUIDE.split('## Three pictures')[1]
  ?.split('\n## ')[0]
  ?.split('```text\n')
  .slice(1)
  .map((block) => readPicture(block.split('```')[0] as string)) as Picture[]

test('the guide has its pictures', () => {
  expect(pictures.map(({ events }) => events.length)).toEqual([5, 6, 3, 5, 3, 4])
})

test.each(pictures)('picture %$ of the guide is what the rules answer', ({ events, profiles }) => {
  const records = events.map(toRecord)
  const drawnRefused = new Set(
    events.filter(({ refused }) => refused).map(({ ids }) => ids.toSorted().join(' ')),
  )
  for (const seed of [1, 2, 3]) {
    const answer = buildProfiles(shuffled(records, randomOf(seed)))
    const found = answer.profiles.map(({ ids, eventCount }) => ({
      ids: Object.values(ids).flat().sort(),
      eventCount,
    }))
    const refused = answer.refused.map(({ lead, other }) =>
      [lead.value, other.value].sort().join(' '),
    )
    expect(new Set(refused)).toEqual(drawnRefused)
    expect(found).toHaveLength(profiles.length)
    expect(found).toEqual(
      expect.arrayContaining(profiles.map(({ ids, eventCount }) => ({ ids, eventCount }))),
    )
  }
  // Each event is drawn as that profile's which has its leading identifier.
  const marked = events.filter(({ mark }) => mark !== undefined)
  for (const { mark, ids } of marked) {
    const lead = ids.find((id) => typeOf(id) === 'userId') ?? (ids[0] as string)
    expect(profiles.find((profile) => profile.ids.includes(lead))?.mark).toBe(mark)
  }
  for (const { mark, eventCount } of profiles) {
    expect(marked.filter((event) => event.mark === mark)).toHaveLength(eventCount)
  }
})
