/** A visit: calls without a pause of {@link SESSION_IDLE_MS}. */
export interface Session {
  id: string
  /** How many sessions this browser had before. */
  index: number
  /** Last activity that was noted, milliseconds since the epoch. */
  at: number
  /** The campaign and the ad clicks that led here. */
  campaign?: Record<string, string> | undefined
  clickIds?: Record<string, string> | undefined
}

/** The usual length, as Google Analytics and RudderStack have it. */
const SESSION_IDLE_MS = 30 * 60_000

/** Activity is noted this often: each note is a write to disk. */
const NOTE_EVERY_MS = 10_000

/** Query parameters in which ad networks tell their own click. */
const CLICK_ID =
  /^(gclid|gbraid|wbraid|dclid|fbclid|msclkid|ttclid|twclid|li_fat_id|epik|sccid|rdt_cid|irclickid)$/i

/**
 * The session that a call belongs to. The campaign and click ids of its landing are kept until the next session, or the
 * next campaign.
 *
 * @param search Query of the page, with its `?`.
 * @returns An equal one where nothing needs to be noted.
 */
export function continueSession(
  session: Partial<Session> | undefined,
  nowMs: number,
  search: string,
  newId: () => string,
): Session {
  const landing = readLanding(search)
  const { id, index = -1, at = 0, campaign, clickIds } = { ...session }
  const idleMs = Math.abs(nowMs - at)
  if (!id || idleMs > SESSION_IDLE_MS) {
    return { id: newId(), index: index + 1, at: nowMs, ...landing }
  }
  const source = landing.campaign || landing.clickIds ? landing : { campaign, clickIds }
  return { id, index, at: idleMs < NOTE_EVERY_MS ? at : nowMs, ...source }
}

/** Segment's `campaign` from the `utm_` parameters (`utm_campaign` is the `name`), and the click ids; absent without any. */
export function readLanding(search: string): Pick<Session, 'campaign' | 'clickIds'> {
  let campaign: Session['campaign']
  let clickIds: Session['clickIds']
  // Most pages have no query, and this is asked for at every call.
  for (const [key, value] of search ? new URLSearchParams(search) : []) {
    const field = /^utm_(.+)/.exec(key)?.[1]
    if (field) campaign = { ...campaign, [field === 'campaign' ? 'name' : field]: value }
    else if (CLICK_ID.test(key)) clickIds = { ...clickIds, [key]: value }
  }
  return { campaign, clickIds }
}
