/** What may be set; every field has a default, so that `{}` is the rules as they are written in docs/identity.md. */
export interface IdentityConfig {
  /**
   * R4, R7: types of identifiers, the one that names a person best first. `*` stands for every type that is not listed (in
   * alphabetical order) and must be there. Default {@link DEFAULT_PRIORITY}.
   */
  priority?: readonly string[]
  /**
   * R10: how many identifiers of a type one profile may hold. `other` is for types that are not listed, `total` for all
   * together. Listed types replace their default, the rest keep it. Default {@link DEFAULT_LIMITS}.
   */
  limits?: Readonly<Record<string, number>>
  /**
   * R11: with more users than this, an identifier of the type is shared and ties nobody. 1 is strict: a device of two users
   * is nobody's. Types that are not listed have no bound. Default {@link DEFAULT_FANOUT}.
   */
  fanout?: Readonly<Record<string, number>>
  /** R6: further values that identify nobody, in any case. Default: none beside the rules' own. */
  blocked?: readonly string[]
  /**
   * R4: where e-mail addresses and phone numbers are taken from: `any` event, or only `trusted` ones, which carry
   * `context.trusted`. An address typed into a page is a claim; whoever shows profiles to browsers needs `trusted`. Default
   * `any`.
   */
  promoteEmail?: 'any' | 'trusted'
}

/** A checked configuration, as the rules read it. */
export interface Rules {
  /** Place of each listed type; smaller is better. */
  ranks: ReadonlyMap<string, number>
  /** Place of every other type. */
  otherRank: number
  limits: ReadonlyMap<string, number>
  otherLimit: number
  totalLimit: number
  fanout: ReadonlyMap<string, number>
  /** Trimmed and in lower case. */
  blocked: ReadonlySet<string>
  onlyTrusted: boolean
}

/** Stands for every type that {@link IdentityConfig.priority} does not list. */
const ANY_OTHER_TYPE = '*'

export const DEFAULT_PRIORITY: readonly string[] = [
  'userId',
  'email',
  'phone',
  'deviceId',
  ANY_OTHER_TYPE,
  'anonymousId',
]

/** A person has few addresses and many browsers: one that clears its cookies is a new one every day. */
export const DEFAULT_LIMITS: Readonly<Record<string, number>> = {
  userId: 1,
  email: 5,
  phone: 5,
  deviceId: 20,
  anonymousId: 500,
  other: 5,
  total: 1000,
}

export const DEFAULT_FANOUT: Readonly<Record<string, number>> = {
  email: 5,
  phone: 5,
  deviceId: 10,
  anonymousId: 10,
}

const FIELDS = ['priority', 'limits', 'fanout', 'blocked', 'promoteEmail']

/**
 * Checks a configuration and fills in the defaults.
 *
 * @throws Error that names the field, so that a wrong configuration fails at start.
 */
export function resolveConfiguration(config: IdentityConfig = {}): Rules {
  for (const field of Object.keys(config)) {
    if (!FIELDS.includes(field)) throw configError(field, 'is not known')
  }
  const priority = checkPriority(config.priority ?? DEFAULT_PRIORITY)
  const limits = mergedCounts(DEFAULT_LIMITS, config.limits, 'limits')
  const fanout = mergedCounts(DEFAULT_FANOUT, config.fanout, 'fanout')
  if (fanout.has('userId')) throw configError('fanout.userId', 'cannot be set: users are counted')
  if (config.promoteEmail !== undefined && !['any', 'trusted'].includes(config.promoteEmail)) {
    throw configError('promoteEmail', 'must be "any" or "trusted"')
  }
  return {
    ranks: new Map(priority.map((type, rank) => [type, rank])),
    otherRank: priority.indexOf(ANY_OTHER_TYPE),
    limits,
    otherLimit: limits.get('other') as number,
    totalLimit: limits.get('total') as number,
    fanout,
    blocked: checkBlocked(config.blocked ?? []),
    onlyTrusted: config.promoteEmail === 'trusted',
  }
}

function checkPriority(priority: readonly string[]): readonly string[] {
  if (!Array.isArray(priority)) throw configError('priority', 'must be a list of types')
  for (const [index, type] of priority.entries()) {
    if (typeof type !== 'string' || type === '') {
      throw configError(`priority[${index}]`, 'must be the name of a type')
    }
    if (priority.indexOf(type) !== index) {
      throw configError(`priority[${index}]`, `"${type}" is there twice`)
    }
  }
  if (!priority.includes(ANY_OTHER_TYPE)) {
    throw configError('priority', `must have a place for "${ANY_OTHER_TYPE}", all other types`)
  }
  return priority
}

function mergedCounts(
  defaults: Readonly<Record<string, number>>,
  set: Readonly<Record<string, number>> | undefined,
  field: string,
): Map<string, number> {
  if (set !== undefined && (typeof set !== 'object' || set === null || Array.isArray(set))) {
    throw configError(field, 'must hold numbers by type')
  }
  const counts = new Map(Object.entries(defaults))
  for (const [type, count] of Object.entries(set ?? {})) {
    if (!Number.isInteger(count) || count < 1) {
      throw configError(`${field}.${type}`, 'must be a whole number from 1')
    }
    counts.set(type, count)
  }
  return counts
}

function checkBlocked(values: readonly string[]): Set<string> {
  if (!Array.isArray(values)) throw configError('blocked', 'must be a list of values')
  for (const [index, value] of values.entries()) {
    if (typeof value !== 'string' || value.trim() === '') {
      throw configError(`blocked[${index}]`, 'must be a text that is not empty')
    }
  }
  return new Set(values.map((value: string) => value.normalize('NFC').trim().toLowerCase()))
}

function configError(field: string, what: string): Error {
  return new Error(`Tributary configuration: identity.${field} ${what}.`)
}
