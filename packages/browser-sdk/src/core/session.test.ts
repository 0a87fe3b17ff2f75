import { expect, test } from 'vitest'
import { continueSession, readLanding, type Session } from './session.ts'

const MINUTE = 60_000
const NOW = 1_795_352_000_000
const newId = (): string => 'new'
const known: Session = {
  id: 'old',
  index: 3,
  at: NOW,
  campaign: { name: 'c' },
  clickIds: { gclid: 'g' },
}
const fresh = { id: 'new', index: 4 }

test.each<[string, Session | undefined, number, string, Session]>([
  ['the first', undefined, NOW, '', { id: 'new', index: 0, at: NOW }],
  ['activity goes on', known, NOW + 9000, '', known],
  ['activity is noted every ten seconds', known, NOW + 10_000, '', { ...known, at: NOW + 10_000 }],
  [
    'after half an hour it is the same',
    known,
    NOW + 30 * MINUTE,
    '',
    { ...known, at: NOW + 30 * MINUTE },
  ],
  [
    'and beyond it a new one, without a campaign',
    known,
    NOW + 30 * MINUTE + 1,
    '',
    { ...fresh, at: NOW + 30 * MINUTE + 1 },
  ],
  ['a clock set back a little goes on', known, NOW - 5000, '', known],
  [
    'a clock set back by hours starts anew',
    known,
    NOW - 60 * MINUTE,
    '',
    { ...fresh, at: NOW - 60 * MINUTE },
  ],
  [
    'a clock that was years ahead starts anew',
    { ...known, at: NOW * 2 },
    NOW,
    '',
    { ...fresh, at: NOW },
  ],
  ['a query without a landing changes nothing', known, NOW, '?q=1', known],
  [
    'another campaign takes the place of campaign and clicks',
    known,
    NOW,
    '?utm_source=s',
    { id: 'old', index: 3, at: NOW, campaign: { source: 's' } },
  ],
  [
    'another click takes the place of campaign and clicks',
    known,
    NOW,
    '?fbclid=f',
    { id: 'old', index: 3, at: NOW, clickIds: { fbclid: 'f' } },
  ],
  ['a campaign does not start a new session', known, NOW, '?utm_campaign=c&gclid=g', known],
])('the session: %s', (_, session, nowMs, search, expected) => {
  expect(continueSession(session, nowMs, search, newId)).toEqual(expected)
})

test('a page that stays on its landing writes nothing down again and again', () => {
  const landed = continueSession(undefined, NOW, '?utm_campaign=c', newId)
  const next = continueSession(landed, NOW + 1000, '?utm_campaign=c', newId)
  expect(JSON.stringify(next)).toBe(JSON.stringify(landed))
})

test.each([
  ['', {}],
  ['?a=1', {}],
  [
    '?utm_source=s&utm_campaign=c%20d&utm_x=y&a=1',
    { campaign: { source: 's', name: 'c d', x: 'y' } },
  ],
  ['?utm_=nothing&utm_medium=', { campaign: { medium: '' } }],
  ['?utm_source=%E0%A4%A', { campaign: { source: '\ufffd%A' } }],
  ['?gclid=1&GCLID=2&xgclid=3&ttclid=4', { clickIds: { gclid: '1', GCLID: '2', ttclid: '4' } }],
  ['?utm_source=s&msclkid=m', { campaign: { source: 's' }, clickIds: { msclkid: 'm' } }],
])('the landing of %j', (search, expected) => {
  expect(readLanding(search)).toEqual(expected)
})
