import { isJsonObject, type JsonObject } from '@tributary/protocol'
import type { Arrival } from '../arrival.ts'
import { contextOf, replaceInContext } from '../stored-event.ts'
import { isCloudNetwork } from './cloud-networks.ts'

/** The platform's estimates below this are "likely automated" (Cloudflare, "Bot scores"). */
const MIN_HUMAN_SCORE = 30

/**
 * `context.bot`, for bots alone: `{ is: true, reasons }`, whose reasons are
 * - `user_agent`: it says so itself,
 * - `webdriver`: a program drives the browser,
 * - `datacentre`: a page that is open where servers are and not people,
 * - `bot_score`: the platform takes it for one.
 */
export function flagBot(event: JsonObject, arrival: Arrival): JsonObject {
  if (arrival.source.bots === 'keep') return event
  const context = contextOf(event)
  const reasons = reasonsOf(context, arrival)
  if (reasons.length === 0) return event
  const bot = isJsonObject(context.bot) ? context.bot : {}
  const isNoted = bot.is === true && JSON.stringify(bot.reasons) === JSON.stringify(reasons)
  return isNoted ? event : replaceInContext(event, 'bot', { is: true, reasons })
}

/** Why an event is taken for a bot's; `undefined` where it is not. */
export function botReasons(event: JsonObject): string | undefined {
  const { bot } = contextOf(event)
  if (!isJsonObject(bot) || bot.is !== true) return undefined
  return Array.isArray(bot.reasons) ? bot.reasons.join(', ') : 'its sender says so'
}

function reasonsOf(context: JsonObject, { agent, device }: Arrival): string[] {
  const reasons: string[] = []
  if (agent?.isBot) reasons.push('user_agent')
  if (context.webdriver === true) reasons.push('webdriver')
  if (device?.asn !== undefined && isCloudNetwork(device.asn)) reasons.push('datacentre')
  const { botScore } = device ?? {}
  if (botScore !== undefined && botScore < MIN_HUMAN_SCORE) reasons.push('bot_score')
  return reasons
}
