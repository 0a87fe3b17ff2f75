import type { Entry, Fate, Ledger } from './ledger.ts'
import type { Random } from './random.ts'

const DAY_MS = 24 * 3_600_000

/** A maker of events, each other than all before. */
export interface EventMaker {
  next(): Entry
  /** An event with the id of another and content of its own. */
  conflictWith(entry: Entry): Entry
}

/**
 * Makes the events of one client: of several users with several devices each, made now or up to a month ago, with ids of
 * every kind. Clients of two sources that share a `family` use equal ids where these are plain.
 */
export function createEventMaker(
  random: Random,
  ledger: Ledger,
  client: { name: string; source: string; family: string },
): EventMaker {
  let count = 0

  function note(fate: Fate, event: Entry['event'], token: string): Entry {
    const entry = {
      source: client.source,
      fate,
      event,
      token,
      sentAt: undefined,
      acknowledgedAt: undefined,
    }
    ledger.note(entry)
    return entry
  }

  return {
    next() {
      count += 1
      const token = `${client.name}-${count}`
      const madeAt = Date.now() - (random.happens(0.3) ? random.whole(0, 31 * DAY_MS) : 0)
      const event = {
        type: 'track',
        event: random.pick(['Viewed', 'Bought', 'Left']),
        messageId: newId(random, madeAt, `${client.family}-${count}`),
        ...newPerson(random, client.name),
        timestamp: new Date(madeAt).toISOString(),
        properties: {
          token,
          price: random.whole(0, 1e6) / 100,
          note: random.pick(['naïve', '日本', '🎈', 'x'.repeat(random.whole(0, 400)), '"\\\n']),
        },
      }
      return random.happens(0.003)
        ? note('unknown_type', { ...event, type: 'wish' }, token)
        : note('stored', event, token)
    },
    conflictWith({ event }) {
      count += 1
      const token = `${client.name}-${count}`
      return note('id_conflict', { ...event, properties: { token } }, token)
    },
  }
}

/** A UUIDv7 of the time the event was made, one without a time, or a plain name that another source may use too. */
function newId(random: Random, madeAt: number, plain: string): string {
  const kind = random.pick(['v7', 'v4', 'plain'])
  if (kind === 'plain') return plain
  const time = kind === 'v7' ? madeAt.toString(16).padStart(12, '0') : random.hex(12)
  const version = kind === 'v7' ? '7' : '4'
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}${random.hex(3)}-a${random.hex(3)}-${random.hex(12)}`
}

/** One of six users of the client: on one of two devices, or known by the user's id alone. */
function newPerson(random: Random, client: string) {
  const user = `${client}-user-${random.whole(0, 6)}`
  const device = random.whole(0, 3)
  if (device === 2) return { userId: user }
  const anonymousId = `${user}-device-${device}`
  return random.happens(0.5) ? { anonymousId, userId: user } : { anonymousId }
}
