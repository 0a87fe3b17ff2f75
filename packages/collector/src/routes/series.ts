import type { SeriesRange } from '@tributary/protocol'
import type { Context } from 'hono'
import { allJournals } from '../adapters/journal-stubs.ts'
import { errorAnswer } from '../answers.ts'
import type { ResolvedConfig } from '../config.ts'
import { RANGES } from '../core/series.ts'
import { seriesAnswer } from '../core/series-answer.ts'
import type { CollectorEnv } from '../env.ts'
import { readQuery } from './query.ts'

/** `GET /api/series?range=`: what happened over the last hour (the default), day or month. */
export async function series(
  context: Context<{ Bindings: CollectorEnv }>,
  { shards }: ResolvedConfig,
): Promise<Response> {
  const query = readQuery(context, ['range'])
  if (!query.ok) return errorAnswer(400, query.error.code, query.error.message)
  const { range = 'hour' } = query.value
  if (!isRange(range)) {
    const message = `"range" must be one of ${Object.keys(RANGES).join(', ')}.`
    return errorAnswer(400, 'invalid_parameter', message)
  }
  const journals = allJournals(context.env, shards)
  const sums = await Promise.all(journals.map((journal) => journal.series(range)))
  return Response.json(seriesAnswer(range, Date.now(), sums))
}

function isRange(text: string): text is SeriesRange {
  return Object.hasOwn(RANGES, text)
}
