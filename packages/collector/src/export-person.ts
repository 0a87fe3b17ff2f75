import { type Profile, profileIdOf, type Rules, readRecord } from '@tributary/identity'
import type { JsonObject, QuarantineRecord } from '@tributary/protocol'
import { fileLines, readableFiles } from './adapters/lake-files.ts'
import { callPrivacy } from './adapters/privacy-requests.ts'
import { findProfile } from './adapters/profiles.ts'
import type { ResolvedConfig } from './config.ts'
import type { PrivacyRequest } from './core/privacy-request.ts'
import { PRIVACY_OPERATIONS } from './core/privacy-request.ts'
import { readJson } from './core/read-json.ts'
import { mentionedIn } from './core/removal.ts'
import { TAR_END, tarFile } from './core/tar.ts'
import type { CollectorEnv } from './env.ts'
import { EXPORT_PART_EVENTS } from './limits.ts'
import type { Place } from './stores/profile-reads.ts'
import { daysFrom } from './sweep-erasures.ts'

const README = `Everything that is held on one person, as of the moment of this archive.

profile-*.json      who they are known to be: identifiers, traits, groups, where each trait comes from
events-*.ndjson     what they did, newest first, one event a line, as it is stored
links.ndjson        which event joined which two identifiers first
quarantine-*.ndjson what was sent in their name and refused
requests.json       requests that were made for them, and the receipts
`

/**
 * Everything that is held on whom a request names, now, as a tar archive. Streamed: in memory is a page of events, or a file of
 * quarantine. A failure half-way breaks it off.
 */
export function exportPerson(
  env: CollectorEnv,
  config: ResolvedConfig,
  request: PrivacyRequest,
): ReadableStream<Uint8Array> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  const nowMs = Date.now()
  const put = async (name: string, text: string): Promise<void> => {
    await writer.write(tarFile(name, new TextEncoder().encode(text), nowMs))
  }
  const write = async () => {
    await put('README.txt', README)
    for await (const [name, text] of partsOf(env, config, request)) await put(name, text)
    await writer.write(TAR_END)
    await writer.close()
  }
  write().catch((error) => writer.abort(error).catch(() => undefined))
  return readable
}

type Part = readonly [name: string, text: string]

async function* partsOf(
  env: CollectorEnv,
  config: ResolvedConfig,
  { subjects, people = [] }: PrivacyRequest,
): AsyncGenerator<Part> {
  const fingerprints = new Set([...subjects, ...people])
  const links = new Map<string, JsonObject>()
  let number = 0
  for (const profile of await profilesNamed(env, config, subjects)) {
    number += 1
    yield [`profile-${number}.json`, `${JSON.stringify(profile, null, 2)}\n`]
    for (const id of idsOf(profile)) fingerprints.add(profileIdOf({ key: id }))
    yield* eventParts(env, config, profile, number, links)
  }
  yield ['links.ndjson', toLines([...links.values()].map((link) => JSON.stringify(link)))]
  yield* quarantineParts(env, config.rules, fingerprints)
  const requests = await callPrivacy(env, 'ofOperations', ...PRIVACY_OPERATIONS)
  const theirs = requests.filter((other) => other.subjects.some((one) => fingerprints.has(one)))
  yield ['requests.json', `${JSON.stringify(theirs, null, 2)}\n`]
}

/** Several identifiers may be one person's. */
async function profilesNamed(
  env: CollectorEnv,
  config: ResolvedConfig,
  subjects: readonly string[],
): Promise<Profile[]> {
  const profiles = new Map<string, Profile>()
  for (const subject of subjects) {
    const found = await findProfile(env, config.profileShards, subject)
    if (found) profiles.set(found.profile.profileId, found.profile)
  }
  return [...profiles.values()]
}

function idsOf({ ids }: Profile): string[] {
  return Object.entries(ids).flatMap(([type, values]) => values.map((value) => `${type}:${value}`))
}

async function* eventParts(
  env: CollectorEnv,
  config: ResolvedConfig,
  { profileId }: Profile,
  number: number,
  links: Map<string, JsonObject>,
): AsyncGenerator<Part> {
  let before: Place | undefined
  for (let part = 1; ; part++) {
    const page = { limit: EXPORT_PART_EVENTS, ...(before && { before }) }
    const found = await findProfile(env, config.profileShards, profileId, page)
    const { lines = [], next } = found?.events ?? {}
    for (const line of lines) addLinks(links, line, config.rules)
    if (lines.length > 0) yield [`events-${number}-${pad(part)}.ndjson`, toLines(lines)]
    if (!next) return
    before = next
  }
}

/** Pages come newest first: of a pair, what is read last happened first, and that is what counts. */
function addLinks(links: Map<string, JsonObject>, line: string, rules: Rules): void {
  const event = readJson(line) as JsonObject
  const [lead, ...others] = readRecord(event, 0, rules).ids
  for (const other of lead ? others : []) {
    const { messageId, timestamp } = event
    const [a, b] = [lead?.key ?? '', other.key]
    links.set(a < b ? `${a}\n${b}` : `${b}\n${a}`, { a, b, messageId, timestamp })
  }
}

async function* quarantineParts(
  env: CollectorEnv,
  rules: Rules,
  fingerprints: ReadonlySet<string>,
): AsyncGenerator<Part> {
  const reading: Rules = { ...rules, onlyTrusted: false }
  let part = 0
  for (const { source, date } of await daysFrom(env, 'quarantine', '')) {
    for (const file of await readableFiles(env.LAKE, 'quarantine', source, date)) {
      for await (const lines of fileLines(env.LAKE, file)) {
        const theirs = lines.filter((line) => {
          const { payload } = readJson(line) as QuarantineRecord
          return mentionedIn(payload, reading).some((key) => fingerprints.has(profileIdOf({ key })))
        })
        part += theirs.length > 0 ? 1 : 0
        if (theirs.length > 0) yield [`quarantine-${pad(part)}.ndjson`, toLines(theirs)]
      }
    }
  }
}

function pad(number: number): string {
  return String(number).padStart(5, '0')
}

function toLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}
