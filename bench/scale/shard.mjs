/** What one shard can take, and which limit stops it. Limits of the platform: its documentation, "Limits". */

/** An event as it is stored, in bytes. */
export const EVENT_BYTES = 1000

/** 16 bytes for each event (docs/adr/0003), kept for ever. */
const FINGERPRINT_BYTES = 16

const OBJECT_BYTES = 10e9

/** Half of an object's 128 MB, for the fingerprints of the current hour; they must be in memory to be compared with. */
const HOUR_MEMORY_BYTES = 64e6

const HOUR_S = 3600

/** Events of one page view, as the account of deliveries counts them; each of its streams takes as much as an event. */
const EVENTS_PER_STREAM = 10

/** Fingerprints a second whose hour fits into so many bytes. */
export function hourlyRate(bytes) {
  return bytes / (HOUR_S * FINGERPRINT_BYTES)
}

/** Events a second of the browser SDK that one account of deliveries can follow, in the memory of its one object. */
export function accountCeiling() {
  return hourlyRate(HOUR_MEMORY_BYTES) * EVENTS_PER_STREAM
}
const DAY_S = 86_400

/**
 * Events a second at which each limit of a shard is met.
 *
 * @param {number} shardRate Appends a second.
 * @param {number} eventsPerAppend
 */
export function ceilings(shardRate, eventsPerAppend) {
  return {
    appends: shardRate * eventsPerAppend,
    memory: hourlyRate(HOUR_MEMORY_BYTES),
  }
}

/** What events at some rate mean for a shard that holds them. */
export function endurance(eventsPerSecond, maxBacklogBytes) {
  return {
    /** How long the lake may be out of reach before the shard answers 503. */
    outageSeconds: maxBacklogBytes / (eventsPerSecond * EVENT_BYTES),
    /** How long until the fingerprints fill the object. */
    fullAfterDays: OBJECT_BYTES / (eventsPerSecond * FINGERPRINT_BYTES * DAY_S),
  }
}

/** Fingerprints of a month's events in GB. */
export function fingerprintGb(events) {
  return (events * FINGERPRINT_BYTES) / 1e9
}
