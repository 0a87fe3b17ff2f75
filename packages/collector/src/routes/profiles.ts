import { toIso } from '@tributary/identity'
import {
  accept,
  isJsonObject,
  type Json,
  type Refusal,
  type Result,
  refuse,
} from '@tributary/protocol'
import type { Context } from 'hono'
import { profilesOf } from '../adapters/profile-stubs.ts'
import {
  type Asked,
  askProfiles,
  beginHealing,
  endHealing,
  explainProfiles,
  findGroup,
  listAllProfiles,
  type ProfilesPlace,
  pumpProfiles,
  readAsked,
  readChanges,
  searchProfiles,
} from '../adapters/profiles.ts'
import { errorAnswer } from '../answers.ts'
import type { ResolvedConfig } from '../config.ts'
import { fromCursor, toCursor } from '../core/opaque-cursor.ts'
import { plainGroup, profileAnswer } from '../core/profile-answer.ts'
import type { CollectorEnv } from '../env.ts'
import { drainJournals } from '../export-events.ts'
import { feedFromLake, type LakeDay } from '../feed-from-lake.ts'
import {
  DEFAULT_PAGE_SIZE,
  MAX_DIGESTS_PER_PAGE,
  MAX_PAGE_SIZE,
  MAX_REBUILD_MS,
} from '../limits.ts'
import type { ChangePlace } from '../stores/profile-lists.ts'
import type { Place } from '../stores/profile-reads.ts'
import { readQuery } from './query.ts'

type ProfileContext = Context<{ Bindings: CollectorEnv }>

/** Lets a request pass where there are profiles. */
export async function needProfiles(
  { env }: ProfileContext,
  next: () => Promise<void>,
): Promise<Response | undefined> {
  if (!env.PROFILES) {
    const message = 'Bind the Durable Object class "Profiles" as PROFILES.'
    return errorAnswer(503, 'profiles_missing', message)
  }
  await next()
  return undefined
}

/** `GET /api/profiles/{type}:{value}`, or with a profile id. */
export async function getProfile(
  context: ProfileContext,
  config: ResolvedConfig,
): Promise<Response> {
  const query = readQuery(context, ['verbose', 'include'])
  if (!query.ok) return refusal(query.error)
  const asked = askedIn(context, config, 'id')
  if (!asked.ok) return refusal(asked.error)
  const { verbose, include } = query.value
  const profile = (await askProfiles(context.env, config.profileShards, asked.value))?.profile
  if (!profile) return unknownProfile()
  return Response.json(
    profileAnswer(profile, {
      isVerbose: verbose !== undefined && verbose !== 'false',
      ...(include !== undefined && { include: include.split(',') }),
    }),
  )
}

/** `GET …/events`: the person's timeline over all identifiers, newest first. */
export async function getTimeline(
  context: ProfileContext,
  config: ResolvedConfig,
): Promise<Response> {
  const asked = askedIn(context, config, 'id')
  if (!asked.ok) return refusal(asked.error)
  const page = readPage<Place>(context, [], isPlace)
  if (!page.ok) return refusal(page.error)
  const { limit, after } = page.value
  const events = { limit, ...(after && { after }) }
  const found = await askProfiles(context.env, config.profileShards, asked.value, { events })
  if (!found?.profile) return unknownProfile()
  const { lines = [], next } = found.events ?? {}
  // The events are JSON already, and written anew a number of many digits would lose some.
  const cursor = JSON.stringify(next ? toCursor(next) : null)
  return new Response(`{"events":[${lines.join(',')}],"cursor":${cursor}}`, {
    headers: { 'content-type': 'application/json' },
  })
}

/** `GET /api/profiles`: all, or those of which an identifier or a trait begins with `q`. */
export async function listProfiles(
  context: ProfileContext,
  config: ResolvedConfig,
): Promise<Response> {
  const page = readPage<ProfilesPlace | { profileId: string }>(context, ['q'], isListPlace)
  if (!page.ok) return refusal(page.error)
  const { limit, after, query } = page.value
  const prefix = (query.q ?? '').trim().toLowerCase()
  if (prefix === '') {
    const from = after && 'shard' in after ? after : { shard: 0 }
    const { profiles, next } = await listAllProfiles(context.env, config, from, limit)
    return profilePage(profiles, next)
  }
  const from = after && 'profileId' in after ? after.profileId : ''
  const found = await searchProfiles(context.env, config, prefix)
  const rest = found.filter(({ profileId }) => profileId > from)
  const profiles = rest.slice(0, limit)
  const last = rest.length > limit ? profiles.at(-1) : undefined
  return profilePage(profiles, last && { profileId: last.profileId })
}

function profilePage(
  profiles: readonly Parameters<typeof profileAnswer>[0][],
  next: object | undefined,
): Response {
  const cursor = next ? toCursor(next) : null
  return Response.json({ profiles: profiles.map((each) => profileAnswer(each, {})), cursor })
}

/** `GET /api/profiles/{a}/why/{b}`: the chain that links two identifiers, or the refused link and the rule. */
export async function getWhy(context: ProfileContext, config: ResolvedConfig): Promise<Response> {
  const [a, b] = [askedIn(context, config, 'id'), askedIn(context, config, 'other')]
  if (!a.ok) return refusal(a.error)
  if (!b.ok) return refusal(b.error)
  const explanation = await explainProfiles(
    context.env,
    config,
    { id: context.req.param('id') ?? '', asked: a.value },
    { id: context.req.param('other') ?? '', asked: b.value },
  )
  if (explanation.verdict === 'unknown') {
    return errorAnswer(404, 'unknown_identifier', `No event that counts names "${explanation.id}".`)
  }
  if (explanation.verdict === 'unconnected') return Response.json(explanation)
  const { verdict, chain } = explanation
  return Response.json({
    verdict,
    chain: chain.map((link) => ({ ...link, time: toIso(link.time) })),
  })
}

/** `GET /api/groups/{groupId}`: traits and members. */
export async function getGroup(context: ProfileContext, config: ResolvedConfig): Promise<Response> {
  const query = readQuery(context, ['verbose'])
  if (!query.ok) return refusal(query.error)
  const found = await findGroup(context.env, config, context.req.param('groupId') ?? '')
  if (!found) return errorAnswer(404, 'unknown_group', 'There is no such group.')
  const { provenance, ...group } = plainGroup(found)
  return Response.json(query.value.verbose ? { ...group, provenance } : group)
}

/** `GET /api/profiles/changes`: what has become of profiles, for whoever follows. The cursor is there at the end too. */
export async function getChanges(
  context: ProfileContext,
  config: ResolvedConfig,
): Promise<Response> {
  const page = readPage<ChangePlace[]>(context, [], isChangePlaces)
  if (!page.ok) return refusal(page.error)
  const { limit, after = [] } = page.value
  const { changes, next } = await readChanges(context.env, config, after, limit)
  return Response.json({ changes, cursor: toCursor(next) })
}

/** `GET /api/profiles/digests`: of each component, for `tributary verify`. */
export async function getDigests(
  context: ProfileContext,
  config: ResolvedConfig,
): Promise<Response> {
  const page = readPage<{ shard: number; component: string }>(context, [], isDigestPlace)
  if (!page.ok) return refusal(page.error)
  const { shard, component } = page.value.after ?? { shard: 0, component: '' }
  const limit = Math.min(page.value.limit, MAX_DIGESTS_PER_PAGE)
  const found = await profilesOf(context.env, shard)?.digests(component, limit)
  let next: object | undefined
  if (found?.next !== undefined) next = { shard, component: found.next }
  if (!next && shard + 1 < config.profileShards) next = { shard: shard + 1, component: '' }
  return Response.json({ digests: found?.digests ?? [], cursor: next ? toCursor(next) : null })
}

/**
 * `POST /api/profiles/rebuild`: feeds the profiles from the lake for some seconds. Answers `{ done, cursor }`; call it again
 * with the cursor until it is done. Of the components that the first call names, with commas, nothing that is there is believed.
 */
export async function rebuildProfiles(
  context: ProfileContext,
  config: ResolvedConfig,
): Promise<Response> {
  const page = readPage<LakeDay>(context, ['components'], isDay)
  if (!page.ok) return refusal(page.error)
  const { after, query } = page.value
  if (!after) {
    await drainJournals(context.env, config.shards)
    const components = (query.components ?? '').split(',').filter(Boolean)
    await beginHealing(context.env, config.profileShards, components)
  }
  const end = Date.now() + MAX_REBUILD_MS
  const isTimeUp = () => Date.now() > end
  const last = await feedFromLake(context.env, config, after, isTimeUp)
  if (!last) {
    await pumpProfiles(context.env, config.profileShards)
    await endHealing(context.env, config.profileShards)
  }
  return Response.json({ done: !last, cursor: last ? toCursor(last) : null })
}

function isDay(place: Json): boolean {
  return isJsonObject(place) && typeof place.source === 'string' && typeof place.date === 'string'
}

function askedIn(
  context: ProfileContext,
  config: ResolvedConfig,
  name: string,
): Result<Asked, Refusal<'invalid_identifier'>> {
  const asked = readAsked(context.req.param(name) ?? '', config)
  if (asked) return accept(asked)
  const message = 'Write an identifier as "type:value", for example "userId:u1", or a profile id.'
  return refuse('invalid_identifier', message)
}

/** Reads `limit`, `cursor` and further parameters. */
function readPage<Place>(
  context: ProfileContext,
  names: readonly string[],
  isOurs: (place: Json) => boolean,
): Result<
  { limit: number; after?: Place; query: Partial<Record<string, string>> },
  Refusal<string>
> {
  const query = readQuery<string>(context, [...names, 'cursor', 'limit'])
  if (!query.ok) return query
  const limit = Number(query.value.limit ?? DEFAULT_PAGE_SIZE)
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_SIZE) {
    return refuse('invalid_limit', `"limit" must be a whole number from 1 to ${MAX_PAGE_SIZE}.`)
  }
  const { cursor } = query.value
  if (cursor === undefined) return accept({ limit, query: query.value })
  const after = fromCursor(cursor)
  if (after === undefined || !isOurs(after)) {
    return refuse('invalid_cursor', 'The cursor is not one that this API gave.')
  }
  return accept({ limit, after: after as Place, query: query.value })
}

function isPlace(place: Json): boolean {
  return (
    isJsonObject(place) && typeof place.time === 'number' && typeof place.messageId === 'string'
  )
}

function isListPlace(place: Json): boolean {
  if (!isJsonObject(place)) return false
  if (typeof place.profileId === 'string') return true
  const { place: within } = place
  return isShard(place.shard) && (within === undefined || isWithin(within))
}

function isWithin(place: Json): boolean {
  return isJsonObject(place) && typeof place.component === 'string' && isShard(place.given)
}

function isDigestPlace(place: Json): boolean {
  return isJsonObject(place) && isShard(place.shard) && typeof place.component === 'string'
}

function isChangePlaces(places: Json): boolean {
  return (
    Array.isArray(places) &&
    places.every((place) => isJsonObject(place) && isShard(place.seq) && isShard(place.given))
  )
}

function isShard(value: Json | undefined): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function unknownProfile(): Response {
  return errorAnswer(404, 'unknown_profile', 'There is no such profile.')
}

function refusal({ code, message }: Refusal<string>): Response {
  return errorAnswer(400, code, message)
}
