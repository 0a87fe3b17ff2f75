import { accept, type Refusal, type Result, refuse } from '@tributary/protocol'
import type { Context } from 'hono'
import { MAX_FILTER_LENGTH } from '../limits.ts'

/** Values of a query's parameters by name; absent where the query has them not. */
export type Query<Name extends string> = Partial<Record<Name, string>>

/** Reads a query that may have these parameters and no others, each at most so long as a filter may be. */
export function readQuery<Name extends string>(
  context: Context,
  names: readonly Name[],
): Result<Query<Name>, Refusal<'unknown_parameter' | 'invalid_parameter'>> {
  const query: Query<Name> = {}
  for (const [name, value] of Object.entries(context.req.query())) {
    if (!names.includes(name as Name)) {
      const message = `There is no parameter "${name}"; there are ${names.join(', ')}.`
      return refuse('unknown_parameter', message)
    }
    if (value.length > MAX_FILTER_LENGTH) {
      const message = `"${name}" may have at most ${MAX_FILTER_LENGTH} characters.`
      return refuse('invalid_parameter', message)
    }
    query[name as Name] = value
  }
  return accept(query)
}
