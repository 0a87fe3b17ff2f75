import { refuse } from '@tributary/protocol'
import type { Context } from 'hono'
import type { ResolvedConfig } from '../config.ts'
import { INGEST_KINDS, impliedType } from '../core/ingest-kinds.ts'
import { judgeEvents } from '../core/judge.ts'
import { pixelEvent } from '../core/pixel-event.ts'
import { readJson } from '../core/read-json.ts'
import type { CollectorEnv } from '../env.ts'
import { recordEvents } from '../intake.ts'
import { admitByBody, admitByRequest } from './authorise.ts'
import { requestFacts } from './request-facts.ts'

/** A transparent GIF of one pixel: header, one white and one transparent colour, one image. */
const GIF = Uint8Array.from(
  atob('R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw=='),
  (byte) => byte.charCodeAt(0),
)

/**
 * `GET /v1/pixel/:type` and its kin. Always answers 200 with the image, since a page or a mail that shows it can do
 * nothing about a fault, and a broken image would be seen; `X-Tributary-Code` says what became of the event.
 */
export async function pixel(
  context: Context<{ Bindings: CollectorEnv }>,
  config: ResolvedConfig,
): Promise<Response> {
  // A HEAD asks about the image and does not show it.
  const code = context.req.method === 'HEAD' ? 'not_recorded' : await recordPixel(context, config)
  return new Response(GIF, {
    headers: {
      'content-type': 'image/gif',
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'cross-origin',
      'x-tributary-code': code,
    },
  })
}

/** @returns A verdict's status, or the code of the refusal. */
async function recordPixel(
  { env, req }: Context<{ Bindings: CollectorEnv }>,
  config: ResolvedConfig,
): Promise<string> {
  const receivedAtMs = Date.now()
  const request = req.raw
  const kind = INGEST_KINDS[req.param('type') ?? '']
  if (kind === undefined || kind === 'batch') return 'unknown_type'

  const query = new URL(request.url).searchParams
  const event = pixelEvent(query, readJson)
  const arriving = { request, env, config }
  const admission = (await admitByRequest(arriving)) ?? (await admitByBody(arriving, event))
  if (!admission.ok) return admission.error.code
  const sender = admission.value
  if (sender.isServerKey) return 'server_key_in_page'

  const facts = requestFacts(request, sender, receivedAtMs, true)
  const judged =
    event === undefined
      ? [{ raw: query.get('data'), refusal: UNREADABLE }]
      : judgeEvents(
          { batch: [event] },
          { impliedType: impliedType(kind), bodyBytes: request.url.length, sender },
        )
  const [verdict] = await recordEvents(env, config, facts, judged)
  return verdict?.code ?? verdict?.status ?? 'unavailable'
}

const UNREADABLE = refuse('invalid_json', '"data" is not base64 of JSON.').error
