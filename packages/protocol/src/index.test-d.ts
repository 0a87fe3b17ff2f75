import type { TributaryEvent } from './index.ts'

export const track: TributaryEvent = {
  type: 'track',
  event: 'Bought',
  userId: 'u',
  properties: { n: 1 },
}

// @ts-expect-error a track call needs a name
export const nameless: TributaryEvent = { type: 'track', userId: 'u' }

// @ts-expect-error a group call needs a group
export const groupless: TributaryEvent = { type: 'group', userId: 'u' }

// @ts-expect-error there are six calls
export const unknown: TributaryEvent = { type: 'purchase', userId: 'u' }
