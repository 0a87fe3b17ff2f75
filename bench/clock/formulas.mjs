/**
 * What others store as the time of an event. Each takes milliseconds: `originalMs` and `receivedAtMs`, and `sentMs`
 * where the client gave it.
 */
export const PEER_FORMULAS = {
  /** "Spec: Common Fields" of Segment's documentation. */
  Segment: segment,
  /** rudder-server `processor/processor.go`: an event's `timestamp` stands where there is one. */
  RudderStack: ({ originalMs }) => originalMs,
  /** Snowplow enrich `EventEnrichments.getDerivedTimestamp`: only where created is before sent. */
  Snowplow: (times) => {
    const { originalMs, sentMs, receivedAtMs } = times
    return sentMs !== undefined && originalMs < sentMs ? segment(times) : receivedAtMs
  },
  PostHog: postHog,
}

function segment({ originalMs, sentMs, receivedAtMs }) {
  return sentMs === undefined ? originalMs : receivedAtMs - (sentMs - originalMs)
}

const POSTHOG_DEADBAND_MS = 150_000
const POSTHOG_FUTURE_MS = 23 * 3_600_000

/** PostHog capture, `timestamp.rs` of 2026: skew beyond a dead band, and nothing more than 23 hours ahead. */
function postHog({ originalMs, sentMs, receivedAtMs }) {
  const skewMs = sentMs === undefined ? 0 : sentMs - receivedAtMs
  const beyondMs = Math.sign(skewMs) * Math.max(0, Math.abs(skewMs) - POSTHOG_DEADBAND_MS)
  const eventMs = originalMs - beyondMs
  return eventMs > receivedAtMs + POSTHOG_FUTURE_MS ? receivedAtMs : eventMs
}
