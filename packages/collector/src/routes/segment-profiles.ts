import type { Group, Profile } from '@tributary/identity'
import { isJsonObject, type Json, type JsonObject } from '@tributary/protocol'
import type { Context } from 'hono'
import { askProfiles, findGroup, readAsked } from '../adapters/profiles.ts'
import type { ResolvedConfig } from '../config.ts'
import { fromCursor, toCursor } from '../core/opaque-cursor.ts'
import { readJson } from '../core/read-json.ts'
import type { CollectorEnv } from '../env.ts'
import { isAdminToken } from '../middleware/admin-auth.ts'
import type { Here, Place, ProfileDetails, ProfileQuestion } from '../stores/profile-reads.ts'

/**
 * Segment's Profile API (https://segment.com/docs/unify/profile-api/), so that code that reads profiles there moves by
 * changing its host. The name of the space means nothing here. Identifiers are called as Segment calls them.
 */

type SegmentContext = Context<{ Bindings: CollectorEnv }>

/** Segment's names of our types; others are the same. */
const SEGMENT_TYPES: Readonly<Record<string, string>> = {
  userId: 'user_id',
  anonymousId: 'anonymous_id',
  deviceId: 'device_id',
}
const OUR_TYPES = new Map(Object.entries(SEGMENT_TYPES).map(([ours, theirs]) => [theirs, ours]))

const DEFAULT_LIMIT = 10
const MAX_LIMIT = 200

/** `GET /v1/spaces/{space}/collections/{users|accounts}/profiles/{type}:{value}/{what}`. */
export async function segmentProfile(
  context: SegmentContext,
  config: ResolvedConfig,
): Promise<Response> {
  const refused = await refuseAccess(context)
  if (refused) return refused
  const limit = Number(context.req.query('limit') ?? DEFAULT_LIMIT)
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    return failure(400, 'validation_error', `"limit" must be from 1 to ${MAX_LIMIT}.`)
  }
  const [type = '', ...rest] = (context.req.param('id') ?? '').split(':')
  const value = rest.join(':')
  const page: Page = { context, limit, next: context.req.query('next') ?? '' }
  if (context.req.param('collection') === 'accounts') return account(page, config, type, value)
  const asked = readAsked(value === '' ? type : `${OUR_TYPES.get(type) ?? type}:${value}`, config)
  if (!asked) return failure(400, 'validation_error', 'Write an identifier as "user_id:u1".')
  const question = questionOf(page)
  if (!question) return failure(400, 'validation_error', 'The cursor "next" is not one of ours.')
  const found = await askProfiles(context.env, config.profileShards, asked, question)
  if (!found?.profile) return notFound()
  return userAnswer(page, found as Here & { profile: Profile })
}

interface Page {
  context: SegmentContext
  limit: number
  next: string
}

/** `undefined` for a cursor that is none. */
function questionOf({ context, limit, next }: Page): Partial<ProfileQuestion> | undefined {
  const what = context.req.param('what')
  if (what !== 'events') return what === 'traits' ? {} : { withDetails: true }
  const isOldestFirst = context.req.query('sort') === 'asc'
  if (next === '') return { events: { limit, isOldestFirst } }
  const after = fromCursor(next)
  if (!isJsonObject(after) || typeof after.time !== 'number' || typeof after.messageId !== 'string')
    return undefined
  return { events: { limit, isOldestFirst, after: after as unknown as Place } }
}

function userAnswer(
  page: Page,
  { profile, events, details }: Here & { profile: Profile },
): Response {
  switch (page.context.req.param('what')) {
    case 'traits':
      return traitsAnswer(page, profile)
    case 'events':
      return Response.json({
        data: (events?.lines ?? []).map((line) => eventOf(line)),
        cursor: cursorOf(page, events?.next ? toCursor(events.next) : ''),
      })
    case 'external_ids':
      return listAnswer(page, (details?.identifiers ?? []).map(externalId))
    case 'metadata':
      return Response.json({ metadata: metadataOf(profile, details as ProfileDetails) })
    default:
      return listAnswer(
        page,
        profile.groups.map((groupId) => link('accounts', 'group_id', groupId)),
      )
  }
}

async function account(
  page: Page,
  config: ResolvedConfig,
  type: string,
  groupId: string,
): Promise<Response> {
  if (type !== 'group_id') return failure(400, 'validation_error', 'Write "group_id:g1".')
  const group = await findGroup(page.context.env, config, groupId)
  if (!group) return notFound()
  const what = page.context.req.param('what')
  if (what === 'traits') return traitsAnswer(page, group)
  if (what !== 'links') return failure(404, 'not_found', 'Accounts have traits and links.')
  return listAnswer(
    page,
    group.members.map((profileId) => link('users', 'profile_id', profileId)),
  )
}

function traitsAnswer(page: Page, { traits, provenance }: Profile | Group): Response {
  const { context, limit, next } = page
  const include = context.req.query('include')?.split(',')
  const isVerbose = context.req.query('verbose') === 'true'
  const names = Object.keys(traits).filter((name) => !include || include.includes(name))
  const start = next === '' ? 0 : Math.max(0, names.indexOf(next))
  const some = names.slice(start, start + limit).map((name): [string, Json | undefined] => {
    const { source, time } = provenance[name] ?? {}
    const verbose = { value: traits[name] ?? null, source_id: source ?? '', updated_at: time ?? '' }
    return [name, isVerbose ? verbose : traits[name]]
  })
  const cursor = cursorOf(page, names[start + limit] ?? '')
  return Response.json({ traits: Object.fromEntries(some), cursor })
}

/** A list that is at hand as a whole; the cursor is a number. */
function listAnswer(page: Page, all: readonly object[]): Response {
  const start = /^\d+$/.test(page.next) ? Number(page.next) : 0
  const end = start + page.limit
  const cursor = cursorOf(page, end < all.length ? String(end) : '')
  return Response.json({ data: all.slice(start, end), cursor })
}

function cursorOf({ context, limit }: Page, next: string): object {
  return { url: new URL(context.req.url).pathname, has_more: next !== '', next, limit }
}

function externalId({
  type,
  value,
  firstSeen,
  messageId,
  source,
}: ProfileDetails['identifiers'][number]): object {
  return {
    ...plainId('users', SEGMENT_TYPES[type] ?? type, value),
    source_id: source,
    created_at: new Date(firstSeen).toISOString(),
    first_message_id: messageId,
  }
}

function plainId(collection: string, type: string, id: string): object {
  return { collection, type, id, encoding: 'none' }
}

function link(collection: string, type: string, id: string): object {
  return { to_collection: collection, external_ids: [plainId(collection, type, id)] }
}

function metadataOf({ firstSeen, lastSeen }: Profile, { first, last }: ProfileDetails): object {
  return {
    created_at: firstSeen,
    updated_at: lastSeen,
    expires_at: null,
    first_message_id: first.messageId,
    first_source_id: first.source,
    last_message_id: last.messageId,
    last_source_id: last.source,
  }
}

function eventOf(line: string): JsonObject {
  const { messageId, source, userId, anonymousId, ...event } = readJson(line) as JsonObject
  const ids = Object.entries({ userId, anonymousId }).flatMap(([type, id]) =>
    id === undefined || id === null
      ? []
      : plainId('users', SEGMENT_TYPES[type] ?? type, String(id)),
  )
  const { type, event: name, timestamp, properties, traits, context } = event
  return {
    external_ids: ids as JsonObject[],
    type,
    message_id: messageId,
    source_id: source,
    timestamp,
    ...(name !== undefined && { event: name }),
    ...(properties !== undefined && { properties }),
    ...(traits !== undefined && { traits }),
    ...(context !== undefined && { context }),
  }
}

/** Segment's clients send their token as the user name of Basic authentication. */
async function refuseAccess({ env, req }: SegmentContext): Promise<Response | undefined> {
  const [, basic] = /^basic +(\S+)$/i.exec(req.header('authorization') ?? '') ?? []
  const [token = ''] = basic === undefined ? [] : decodeBasic(basic).split(':')
  if (await isAdminToken(token, env)) return undefined
  return failure(401, 'authentication_error', 'Send the admin token as the user name.')
}

function decodeBasic(text: string): string {
  try {
    return atob(text)
  } catch {
    return ''
  }
}

function notFound(): Response {
  return failure(404, 'not_found', 'Profile was not found.')
}

/** An error in Segment's form. */
function failure(status: 400 | 401 | 404, code: string, message: string): Response {
  return Response.json({ error: { code, message } }, { status })
}
