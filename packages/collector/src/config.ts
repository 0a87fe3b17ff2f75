/** A stream of events with its own keys: one website, app or service. */
export interface SourceConfig {
  /** Names the source in the lake and in the API: lower-case letters, digits, `-` and `_`, at most 64. */
  id: string
  /** Keys that clients send. At least one; a key belongs to one source. */
  writeKeys: string[]
  /** Origins whose pages may send, for example `https://example.com`. Default: every origin. Requests without an `Origin` header are not held to it. */
  origins?: string[]
}

/** What {@link defineConfig} takes. */
export interface CollectorConfig {
  sources: SourceConfig[]
  /**
   * Journal shards, 1 to 256, default 4. Fixed for the life of a deployment: with another number a retry
   * may meet another shard, which does not know the event (docs/adr/0003).
   */
  shards?: number
}

/** A checked configuration. */
export interface ResolvedConfig {
  sources: readonly SourceConfig[]
  shards: number
  /** The source of each write key. */
  sourceByKey: ReadonlyMap<string, SourceConfig>
}

const DEFAULT_SHARDS = 4
const MAX_SHARDS = 256
const SOURCE_ID = /^[a-z0-9][a-z0-9_-]{0,63}$/

/**
 * Checks a configuration.
 *
 * @throws Error that names the field, so that a wrong configuration fails at start and not at the first event.
 */
export function defineConfig(config: CollectorConfig): ResolvedConfig {
  if (!Array.isArray(config?.sources) || config.sources.length === 0) {
    throw configError('sources', 'must list at least one source')
  }
  const shards = config.shards ?? DEFAULT_SHARDS
  if (!Number.isInteger(shards) || shards < 1 || shards > MAX_SHARDS) {
    throw configError('shards', `must be a whole number from 1 to ${MAX_SHARDS}`)
  }
  const sourceByKey = new Map<string, SourceConfig>()
  const ids = new Set<string>()
  for (const [index, source] of config.sources.entries()) {
    const field = `sources[${index}]`
    checkSource(source, field)
    if (ids.has(source.id)) throw configError(`${field}.id`, `"${source.id}" is used twice`)
    ids.add(source.id)
    for (const [keyIndex, key] of source.writeKeys.entries()) {
      if (sourceByKey.has(key)) {
        throw configError(`${field}.writeKeys[${keyIndex}]`, 'is used by another source')
      }
      sourceByKey.set(key, source)
    }
  }
  return { sources: config.sources, shards, sourceByKey }
}

function checkSource(source: SourceConfig, field: string): void {
  if (typeof source?.id !== 'string' || !SOURCE_ID.test(source.id)) {
    throw configError(`${field}.id`, 'must be lower-case letters, digits, "-" and "_", at most 64')
  }
  if (!Array.isArray(source.writeKeys) || source.writeKeys.length === 0) {
    throw configError(`${field}.writeKeys`, 'must list at least one key')
  }
  for (const [index, key] of source.writeKeys.entries()) {
    if (typeof key !== 'string' || !/^[\x21-\x39\x3b-\x7e]{1,128}$/.test(key)) {
      throw configError(
        `${field}.writeKeys[${index}]`,
        'must be 1 to 128 printable characters without spaces or ":"',
      )
    }
  }
  if (source.origins === undefined) return
  if (!Array.isArray(source.origins)) throw configError(`${field}.origins`, 'must be a list')
  for (const [index, origin] of source.origins.entries()) {
    if (origin !== '*' && !isOrigin(origin)) {
      throw configError(
        `${field}.origins[${index}]`,
        'must be an origin such as "https://example.com", or "*"',
      )
    }
  }
}

function isOrigin(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value
}

function configError(field: string, problem: string): Error {
  return new Error(`Tributary configuration: ${field} ${problem}.`)
}

/** Whether a page of this origin may send to the source. */
export function allowsOrigin(source: SourceConfig, origin: string): boolean {
  return !source.origins || source.origins.includes('*') || source.origins.includes(origin)
}
