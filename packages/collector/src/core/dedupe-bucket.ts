const HOUR_MS = 60 * 60 * 1000

/** Ids without any time are spread over this many buckets; as hours these are 1970-01-01 to 01-11, which no event shares. */
const UNDATED_BUCKETS = 256n

/** Hours are kept as 32-bit numbers; that is the year 491936. */
const MAX_HOUR = 2 ** 32 - 1

const UUID_V7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

/**
 * The bucket that holds an event's fingerprint: the hour in which it was made. It must follow from
 * what stays the same over retries, so that a month-old duplicate meets its bucket: the time inside a
 * UUIDv7, else the event's own timestamp, else the hash of its id.
 *
 * @param originalMs The client's timestamp in milliseconds since 1970, if it sent a readable one.
 * @param idHash 64-bit hash of source and id.
 */
export function dedupeBucket(
  messageId: string,
  originalMs: number | undefined,
  idHash: bigint,
): number {
  const uuid = UUID_V7.exec(messageId)
  const ms = uuid ? Number.parseInt(`${uuid[1]}${uuid[2]}`, 16) : originalMs
  const hour = ms === undefined ? -1 : Math.floor(ms / HOUR_MS)
  const isUsable = hour >= Number(UNDATED_BUCKETS) && hour <= MAX_HOUR
  return isUsable ? hour : Number(idHash % UNDATED_BUCKETS)
}
