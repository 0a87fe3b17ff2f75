import { type IdentityConfig, type Rules, resolveConfiguration } from '@tributary/identity'
import { BOT_POLICIES, IP_POLICIES, type SourceConfig } from './core/source-config.ts'

/** What {@link defineConfig} takes. */
export interface CollectorConfig {
  sources: SourceConfig[]
  /**
   * Journal shards, 1 to 256, default 4. Fixed for the life of a deployment: with another number a retry
   * may meet another shard, which does not know the event (docs/adr/0003).
   */
  shards?: number
  /** Who is who: limits, blocked values, trust in addresses (docs/identity.md). Default: the rules as they are written there. */
  identity?: IdentityConfig
  /** Shards of profiles, 1 to 256, default 1. With another number the profiles are to be built anew from the lake. */
  profileShards?: number
}

/** A key's source, and whether the key is for servers alone. */
interface KeyHolder {
  source: SourceConfig
  isServerKey: boolean
}

/** A checked configuration. */
export interface ResolvedConfig {
  sources: readonly SourceConfig[]
  shards: number
  rules: Rules
  profileShards: number
  keys: ReadonlyMap<string, KeyHolder>
}

const DEFAULT_SHARDS = 4
const MAX_SHARDS = 256
const SOURCE_ID = /^[a-z0-9][a-z0-9_-]{0,63}$/
const WRITE_KEY = /^[\x21-\x39\x3b-\x7e]{1,128}$/
const COOKIE_NAME = /^[\w-]{1,64}$/

/**
 * Checks a configuration.
 *
 * @throws Error that names the field, so that a wrong configuration fails at start and not at the first event.
 */
export function defineConfig(config: CollectorConfig): ResolvedConfig {
  if (!Array.isArray(config?.sources) || config.sources.length === 0) {
    throw configError('sources', 'must list at least one source')
  }
  const shards = checkShards(config.shards ?? DEFAULT_SHARDS, 'shards')
  const profileShards = checkShards(config.profileShards ?? 1, 'profileShards')
  const ids = new Set<string>()
  for (const [index, source] of config.sources.entries()) {
    checkSource(source, `sources[${index}]`)
    if (ids.has(source.id))
      throw configError(`sources[${index}].id`, `"${source.id}" is used twice`)
    ids.add(source.id)
  }
  return {
    sources: config.sources,
    shards,
    rules: resolveConfiguration(config.identity),
    profileShards,
    keys: collectKeys(config.sources),
  }
}

function checkShards(shards: number, field: string): number {
  if (!Number.isInteger(shards) || shards < 1 || shards > MAX_SHARDS) {
    throw configError(field, `must be a whole number from 1 to ${MAX_SHARDS}`)
  }
  return shards
}

function collectKeys(sources: readonly SourceConfig[]): Map<string, KeyHolder> {
  const keys = new Map<string, KeyHolder>()
  for (const [index, source] of sources.entries()) {
    for (const list of ['writeKeys', 'serverKeys'] as const) {
      for (const [keyIndex, key] of (source[list] ?? []).entries()) {
        if (keys.has(key)) {
          throw configError(`sources[${index}].${list}[${keyIndex}]`, 'is used already')
        }
        keys.set(key, { source, isServerKey: list === 'serverKeys' })
      }
    }
  }
  return keys
}

function checkSource(source: SourceConfig, field: string): void {
  if (typeof source?.id !== 'string' || !SOURCE_ID.test(source.id)) {
    throw configError(`${field}.id`, 'must be lower-case letters, digits, "-" and "_", at most 64')
  }
  // Counts are kept in objects by the source's id, and every object has this one already.
  if (source.id in {}) throw configError(`${field}.id`, `must not be "${source.id}"`)
  checkKeys(source, field)
  checkList(
    source.origins,
    `${field}.origins`,
    isOrigin,
    'an origin such as "https://example.com", or "*"',
  )
  checkList(source.secretParameters, `${field}.secretParameters`, isText, 'a name')
  checkChoice(source.ip, `${field}.ip`, IP_POLICIES)
  checkChoice(source.bots, `${field}.bots`, BOT_POLICIES)
  for (const name of ['enabled', 'trustAlias'] as const) {
    checkChoice(source[name], `${field}.${name}`, [true, false])
  }
  if (source.webhookEvent !== undefined && !isText(source.webhookEvent)) {
    throw configError(`${field}.webhookEvent`, 'must be a text that is not empty')
  }
  checkRetention(source, field)
  checkRateLimit(source, field)
  checkCookie(source, field)
  checkPlan(source, field)
}

function checkKeys(source: SourceConfig, field: string): void {
  const lists = ['writeKeys', 'serverKeys'] as const
  for (const list of lists) {
    checkList(
      source[list],
      `${field}.${list}`,
      (key) => typeof key === 'string' && WRITE_KEY.test(key),
      '1 to 128 printable characters without spaces or ":"',
    )
  }
  if (lists.every((list) => (source[list] ?? []).length === 0)) {
    throw configError(`${field}.writeKeys`, 'must list at least one key')
  }
}

function checkRetention({ retentionDays: days }: SourceConfig, field: string): void {
  if (days === undefined || (Number.isInteger(days) && days >= 1)) return
  throw configError(`${field}.retentionDays`, 'must be a whole number from 1')
}

function checkRateLimit({ rateLimit }: SourceConfig, field: string): void {
  if (rateLimit === undefined) return
  if (!isText(rateLimit?.binding)) {
    throw configError(`${field}.rateLimit.binding`, 'must name a binding')
  }
  checkChoice(rateLimit.periodSeconds ?? null, `${field}.rateLimit.periodSeconds`, [10, 60])
}

function checkCookie({ cookie }: SourceConfig, field: string): void {
  if (cookie?.name !== undefined && !COOKIE_NAME.test(cookie.name)) {
    throw configError(`${field}.cookie.name`, 'must be letters, digits, "-" and "_", at most 64')
  }
  if (cookie?.domain !== undefined && !/^[a-z0-9.-]+$/.test(cookie.domain)) {
    throw configError(`${field}.cookie.domain`, 'must be a host name such as "example.com"')
  }
}

function checkPlan({ plan }: SourceConfig, field: string): void {
  if (plan === undefined) return
  if (typeof plan?.events !== 'object' || plan.events === null) {
    throw configError(`${field}.plan.events`, 'must hold schemas by the name of their event')
  }
  for (const [name, schema] of Object.entries(plan.events)) {
    if (typeof schema?.['~standard']?.validate !== 'function') {
      throw configError(`${field}.plan.events["${name}"]`, 'must be a Standard Schema')
    }
  }
  checkChoice(plan.onViolation, `${field}.plan.onViolation`, ['flag', 'quarantine'])
  checkChoice(plan.onUnplanned, `${field}.plan.onUnplanned`, ['allow', 'flag', 'quarantine'])
}

function checkList(
  list: unknown,
  field: string,
  isRight: (item: unknown) => boolean,
  wanted: string,
): void {
  if (list === undefined) return
  if (!Array.isArray(list)) throw configError(field, 'must be a list')
  for (const [index, item] of list.entries()) {
    if (!isRight(item)) throw configError(`${field}[${index}]`, `must be ${wanted}`)
  }
}

function checkChoice(value: unknown, field: string, choices: readonly unknown[]): void {
  if (value !== undefined && !choices.includes(value)) {
    throw configError(field, `must be one of ${choices.join(', ')}`)
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isOrigin(value: unknown): boolean {
  if (value === '*') return true
  return typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value
}

function configError(field: string, problem: string): Error {
  return new Error(`Tributary configuration: ${field} ${problem}.`)
}

/** Whether a page of this origin may send to the source. */
export function allowsOrigin(source: SourceConfig, origin: string): boolean {
  return !source.origins || source.origins.includes('*') || source.origins.includes(origin)
}
