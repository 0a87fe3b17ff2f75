import type { JsonObject, ParsedEvent } from '@tributary/protocol'
import type { Arrival } from './arrival.ts'
import { setBrowserId } from './first-party.ts'
import { flagBot } from './normalise/bots.ts'
import { setCampaign } from './normalise/campaign.ts'
import { setChannel } from './normalise/channel.ts'
import { setClickIds } from './normalise/click-ids.ts'
import { setIdentifiers } from './normalise/identifiers.ts'
import { setIp } from './normalise/ip.ts'
import { setLocation } from './normalise/location.ts'
import { setPage } from './normalise/page.ts'
import { setPrivacySignal } from './normalise/privacy-signal.ts'
import { setReferrer } from './normalise/referrer.ts'
import { stripSecrets } from './normalise/secrets.ts'
import { setSource } from './normalise/source.ts'
import { setUserAgent } from './normalise/user-agent.ts'
import { asReplayed } from './replay.ts'
import type { StoredEvent } from './stored-event.ts'
import { setTimes } from './times.ts'
import { flagUntrustedAlias, removeUntrusted } from './trusted-context.ts'

/** One concern of normalisation: takes the event so far, returns it with its own fields set. Applied again it changes nothing. */
type Step = (event: JsonObject, arrival: Arrival) => JsonObject

/**
 * The steps, in order. To normalise something more, write a step and add it here. Shape and size are checked before
 * (`judge.ts`), and duplicates are told by the event as it came: a new step never makes an old event a new one.
 *
 * Secrets go before anything is copied out of a URL, and the location comes before the address that it needs is put away.
 */
const STEPS: readonly Step[] = [
  setSource,
  removeUntrusted,
  flagUntrustedAlias,
  setBrowserId,
  setIdentifiers,
  setTimes,
  stripSecrets,
  setPage,
  setCampaign,
  setClickIds,
  setReferrer,
  setChannel,
  setUserAgent,
  setLocation,
  setIp,
  setPrivacySignal,
  flagBot,
]

/**
 * Turns an event as it came into the event as it is stored. Pure: equal arguments give equal events, and its own result
 * gives itself. What the client says wins; where a value is replaced all the same, `_tributary.sent` has what came,
 * except for what must not be kept: secrets, and addresses that the source's policy removes. An event that is replayed
 * becomes what it would have become when it arrived, except that it is received now.
 */
export function normalise(event: ParsedEvent, arrival: Arrival): StoredEvent {
  const { replay } = arrival
  const then = replay ? { ...arrival, receivedAtMs: replay.receivedAtMs } : arrival
  const stored = STEPS.reduce<JsonObject>((draft, step) => step(draft, then), event) as StoredEvent
  return replay ? asReplayed(stored, replay, arrival.receivedAtMs) : stored
}
