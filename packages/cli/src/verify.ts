import { gunzipSync } from 'node:zlib'
import {
  buildStoredProfiles,
  changesBetween,
  digestsOfStored,
  type IdentityConfig,
  keysOf,
  resolveConfiguration,
  type Settled,
} from '@tributary/identity'
import type { JsonObject } from '@tributary/protocol'
import { callApi } from './adapters/collector-api.ts'

/** What `tributary verify` takes. */
export interface VerifyOptions {
  /** The collector, for example `http://127.0.0.1:8787`. */
  url: string
  adminToken: string
  /** The configuration that the collector runs with, where it is not the default. */
  identity?: IdentityConfig
  /** Another configuration: then nothing is verified, and it is told what would change with it. */
  candidate?: IdentityConfig
}

/** One component that differs. */
export interface Difference {
  component: string
  /**
   * `missing`: the live state has it not; `unexpected`: the lake has it not; `different`: both have, and differ;
   * `unreadable`: the live state's rows of it are damaged.
   */
  kind: 'missing' | 'unexpected' | 'different' | 'unreadable'
  /** Identifiers in it, as the lake tells; none where it does not have the component. */
  identifiers: string[]
}

/** What a verification has found. */
export interface Verification {
  records: number
  components: number
  differences: Difference[]
}

/**
 * Recomputes every profile from the exported lake, and compares with the live state.
 *
 * @throws CliError when the collector does not answer.
 */
export async function verify(options: VerifyOptions): Promise<Verification> {
  await call(options, '/api/drain', 'POST')
  const live = await liveDigests(options)
  const records = await storedRecords(options)
  const expected = digestsOfStored(records, resolveConfiguration(options.identity))
  const differences: Difference[] = []
  for (const [component, { digest, settled }] of expected) {
    const found = live.get(component)
    live.delete(component)
    if (found === digest) continue
    differences.push({ component, kind: kindOf(found), identifiers: identifiersIn(settled) })
  }
  for (const [component, digest] of live) {
    const kind = digest === null ? 'unreadable' : 'unexpected'
    differences.push({ component, kind, identifiers: [] })
  }
  return { records: records.length, components: expected.size, differences }
}

/**
 * Has the components that differ made anew from the lake. {@link verify} tells whether that was all.
 *
 * @throws CliError when the collector does not answer.
 */
export async function repair(
  options: VerifyOptions,
  differences: readonly Difference[],
): Promise<void> {
  // What is missing has nothing that could be set aside.
  const components = differences.flatMap(({ kind, component }) =>
    kind === 'missing' ? [] : component,
  )
  let query = namedIn(components.splice(0, COMPONENTS_PER_CALL))
  while (components.length > 0) {
    await rebuild(options, query)
    query = namedIn(components.splice(0, COMPONENTS_PER_CALL))
  }
  for (let next: string | null = query; next !== null; ) next = await rebuild(options, next)
}

/** More would be too long a URL. */
const COMPONENTS_PER_CALL = 200

function namedIn(components: readonly string[]): string {
  return components.length > 0 ? `?components=${components.join(',')}` : ''
}

/** @returns The query of the call that goes on; `null` at the end. */
async function rebuild(options: VerifyOptions, query: string): Promise<string | null> {
  const answer = await call(options, `/api/profiles/rebuild${query}`, 'POST')
  const { cursor } = (await answer.json()) as { cursor: string | null }
  return cursor === null ? null : `?cursor=${cursor}`
}

function kindOf(found: string | null | undefined): Difference['kind'] {
  if (found === undefined) return 'missing'
  return found === null ? 'unreadable' : 'different'
}

/** A profile that would be another one. */
export interface WouldChange {
  type:
    | 'profile.merged'
    | 'profile.split'
    | 'profile.created'
    | 'profile.updated'
    | 'profile.erased'
  identifiers: string[]
}

/**
 * A dry run: which profiles would merge, split or change with another identity configuration.
 *
 * @throws Error that names the field of a wrong configuration; CliError when the collector does not answer.
 */
export async function compareConfigurations(options: VerifyOptions): Promise<WouldChange[]> {
  const records = await storedRecords(options)
  const before = buildStoredProfiles(records, resolveConfiguration(options.identity)).profiles
  const after = buildStoredProfiles(records, resolveConfiguration(options.candidate)).profiles
  const named = new Map([...after, ...before].map((profile) => [profile.profileId, profile]))
  return changesBetween(before, after).map((change) => {
    const profile = 'profile' in change ? change.profile : named.get(change.profileId)
    return { type: change.type, identifiers: profile ? keysOf(profile) : [change.profileId] }
  })
}

function identifiersIn({ ties }: Settled): string[] {
  return [...ties.sightings.keys()].sort((a, b) => (a < b ? -1 : 1))
}

async function liveDigests(options: VerifyOptions): Promise<Map<string, string | null>> {
  const digests = new Map<string, string | null>()
  let cursor: string | null = ''
  while (cursor !== null) {
    const query: string = cursor === '' ? '' : `?cursor=${cursor}`
    const response = await call(options, `/api/profiles/digests${query}`)
    const page = (await response.json()) as {
      digests: { component: string; digest: string | null }[]
      cursor: string | null
    }
    for (const { component, digest } of page.digests) digests.set(component, digest)
    cursor = page.cursor
  }
  return digests
}

/** Every event of the lake, and the skeletons of those that were erased. */
async function storedRecords(options: VerifyOptions): Promise<JsonObject[]> {
  const events = await (await call(options, '/api/events/export')).text()
  const records = parseLines(events)
  let cursor: string | null = ''
  while (cursor !== null) {
    const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const response = await call(options, `/api/lake?prefix=erased/${query}`)
    const page = (await response.json()) as { objects: { key: string }[]; cursor: string | null }
    for (const { key } of page.objects) {
      const file = await (await call(options, `/api/lake/${key}`)).arrayBuffer()
      records.push(...parseLines(gunzipSync(Buffer.from(file)).toString()))
    }
    cursor = page.cursor
  }
  return records
}

function parseLines(text: string): JsonObject[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JsonObject)
}

function call(
  { url, adminToken }: VerifyOptions,
  path: string,
  method: 'GET' | 'POST' = 'GET',
): Promise<Response> {
  return callApi({ endpoint: url, adminToken, writeKey: undefined }, path, { method })
}
