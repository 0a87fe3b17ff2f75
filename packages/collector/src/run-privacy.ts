import { keysOf, profileIdOf } from '@tributary/identity'
import { allJournals, journalOf } from './adapters/journal-stubs.ts'
import { appendToJournals, type RoutedItem } from './adapters/journals.ts'
import { callPrivacy } from './adapters/privacy-requests.ts'
import { allProfiles } from './adapters/profile-stubs.ts'
import { findProfile, pumpProfiles } from './adapters/profiles.ts'
import { signText } from './adapters/signature.ts'
import { forgetSuppressions } from './adapters/suppressions.ts'
import type { ResolvedConfig } from './config.ts'
import { dedupeBucket } from './core/dedupe-bucket.ts'
import { contentHash, idHash } from './core/fingerprint.ts'
import {
  CONTROL_SOURCE,
  controlRecords,
  type PrivacyRequest,
  type Receipt,
} from './core/privacy-request.ts'
import type { Removal, RemovedPerson } from './core/removal.ts'
import type { StoredEvent } from './core/stored-event.ts'
import { toLine } from './core/stored-line.ts'
import type { CollectorEnv } from './env.ts'
import { PRIVACY_LEASE_MS, SUPPRESSIONS_TTL_MS } from './limits.ts'
import { ACCOUNT_SHARD } from './stores/deliveries.ts'
import {
  addCounts,
  daysFrom,
  type LakeDay,
  removeEverywhere,
  sweepErasures,
} from './sweep-erasures.ts'

/**
 * Carries out what is asked for and not done yet, and what an earlier erasure takes of late arrivals. One caller at a time;
 * cut off anywhere, the next call goes on: every step may be repeated, and each is noted once it is done.
 *
 * @returns Whether it was this caller's turn.
 * @throws Error when journals, profiles or lake refuse; call it again.
 */
export async function runPrivacy(
  env: CollectorEnv,
  config: ResolvedConfig,
  now: () => number,
): Promise<boolean> {
  const keeper = journalOf(env, ACCOUNT_SHARD)
  if (!(await keeper.takeLease(PRIVACY_LEASE_MS))) return false
  try {
    const open = await callPrivacy(env, 'open')
    const pending = open.filter(({ status }) => status === 'pending')
    if (pending.length > 0) await feedProfiles(env, config)
    for (const request of pending) await recordRequest(env, config, request)
    if (pending.length > 0) await feedProfiles(env, config)
    const hasSwept = await sweepErasures(env, config, open, now)
    const erased = pending.filter(({ operation }) => operation === 'erase')
    if (erased.length > 0) await removeRefused(env, config, erased, now)
    if (hasSwept || erased.length > 0) await scrubAll(env, config)
    for (const request of pending) await finish(env, request, now)
    for (const request of open) await cleanSuppressed(env, config, request, now)
  } finally {
    await keeper.endLease()
  }
  return true
}

/** Brings everything that was acknowledged into the profiles, and lets them settle. */
async function feedProfiles(env: CollectorEnv, config: ResolvedConfig): Promise<void> {
  await Promise.all(allJournals(env, config.shards).map((journal) => journal.profileAll()))
  await pumpProfiles(env, config.profileShards)
}

/** Notes who is meant, and writes the control records. In this order: after an erasure nobody knows it any more. */
async function recordRequest(
  env: CollectorEnv,
  config: ResolvedConfig,
  request: PrivacyRequest,
): Promise<void> {
  if (!request.people) {
    const people = new Set(request.subjects)
    for (const subject of request.subjects) {
      const found = await findProfile(env, config.profileShards, subject)
      for (const key of found ? keysOf(found.profile) : []) people.add(profileIdOf({ key }))
    }
    request.people = [...people]
    await callPrivacy(env, 'save', request, true)
  }
  if (request.isRecorded) return
  const items = controlRecords(request).map((record) => toItem(record as StoredEvent))
  const receivedAt = Date.parse(request.requestedAt)
  const facts = { source: CONTROL_SOURCE, receivedAt, requests: 0, endedStreams: [] }
  const outcomes = await appendToJournals(env, config.shards, facts, items)
  if (outcomes.some((outcome) => outcome !== 'accepted' && outcome !== 'duplicate')) {
    throw new Error('A journal could not keep a control record.')
  }
  request.isRecorded = true
  if (request.operation === 'suppress' || request.operation === 'unsuppress') forgetSuppressions()
  await callPrivacy(env, 'save', request, true)
}

function toItem(record: StoredEvent): RoutedItem {
  const id = idHash(CONTROL_SOURCE, record.messageId).toBigInt()
  const time = Date.parse(record.timestamp)
  return {
    shardKey: `${CONTROL_SOURCE}\n${record.messageId}`,
    line: toLine(record).line,
    fingerprint: {
      id,
      content: contentHash(record).toBigInt(),
      bucket: dedupeBucket(record.messageId, time, id),
    },
  }
}

/** Takes away what was refused of theirs: it belongs to no profile. */
async function removeRefused(
  env: CollectorEnv,
  config: ResolvedConfig,
  requests: readonly PrivacyRequest[],
  now: () => number,
): Promise<void> {
  const refused = requests.flatMap(({ people = [], requestedAt }) =>
    people.map((fingerprint): RemovedPerson => {
      return { fingerprint, from: Number.NEGATIVE_INFINITY, through: Date.parse(requestedAt) }
    }),
  )
  const days = await daysFrom(env, 'quarantine', '')
  const removal: Removal = { events: [], refused, suppressed: [] }
  const counts = await removeEverywhere(env, config, removal, days, now)
  for (const request of requests) {
    addCounts(request.counts, counts)
    await callPrivacy(env, 'save', request, true)
  }
}

async function scrubAll(env: CollectorEnv, config: ResolvedConfig): Promise<void> {
  await Promise.all([
    ...allJournals(env, config.shards).map((journal) => journal.scrub()),
    ...allProfiles(env, config.profileShards).map((profiles) => profiles.scrubFile()),
  ])
}

async function finish(
  env: CollectorEnv,
  request: PrivacyRequest,
  now: () => number,
): Promise<void> {
  request.status = 'done'
  request.completedAt = new Date(now()).toISOString()
  request.receipt = await makeReceipt(request, env.TRIBUTARY_RECEIPT_SECRET)
  const isSuppression = request.operation === 'suppress'
  if (isSuppression) request.cleanAfterMs = now() + SUPPRESSIONS_TTL_MS
  await callPrivacy(env, 'save', request, isSuppression)
}

/** What was done, in words that can be shown and checked. It names fingerprints alone. */
async function makeReceipt(
  {
    id,
    operation,
    subjects,
    regulation,
    submittedAt,
    requestedAt,
    completedAt,
    counts,
  }: PrivacyRequest,
  secret: string | undefined,
): Promise<Receipt> {
  const statement = JSON.stringify({
    requestId: id,
    operation,
    subjects,
    regulation,
    submittedAt,
    requestedAt,
    completedAt,
    ...(operation === 'erase' && { counts }),
  })
  return { statement, signature: secret ? await signText(secret, statement) : null }
}

/** Takes out what was stored of somebody while not every instance of the collector knew of the objection. */
async function cleanSuppressed(
  env: CollectorEnv,
  config: ResolvedConfig,
  request: PrivacyRequest,
  now: () => number,
): Promise<void> {
  if (request.cleanAfterMs === undefined || now() < request.cleanAfterMs) return
  const { requestedAt, subjects, cleanAfterMs } = request
  const from = Date.parse(requestedAt)
  const suppressed = subjects.map((fingerprint) => ({ fingerprint, from, through: cleanAfterMs }))
  const days: LakeDay[] = await daysFrom(env, 'events', requestedAt.slice(0, 10))
  const removal: Removal = { events: [], refused: [], suppressed }
  const counts = await removeEverywhere(env, config, removal, days, now)
  addCounts(request.counts, counts)
  await callPrivacy(env, 'save', request, false)
}
