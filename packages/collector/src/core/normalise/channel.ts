import { isJsonObject, type Json, type JsonObject } from '@tributary/protocol'
import { addToContext, contextOf, isAbsent } from '../stored-event.ts'
import { pageOf } from './page.ts'
import { isDetour, type SourceType, typeOfSource } from './referral-sources.ts'

/** What a channel is told by. Texts are in lower case, and empty where there is none. */
interface Origin {
  campaign: string
  /** `utm_source`; empty where there is none. */
  source: string
  medium: string
  /** The kind of the source that is named, else that of the referrer. */
  type: SourceType | undefined
  /** From another site, that is neither a payment's nor a login's. */
  isReferred: boolean
  hasClickId: (...names: string[]) => boolean
}

const PAID = /cp|^(?:ppc|retargeting)$|^paid/
const SHOPPING_CAMPAIGN = /(?:^|[^a-df-z])shop|shopping/
const DISPLAY = /^(?:display|banner|expandable|interstitial|cpm)$/
const SOCIAL = /^(?:social|sm|social[-_ ](?:network|media))$/
const EMAIL = /^e[-_ ]?mail$/
const AFFILIATE = /^affiliates?$/
const PUSH = /push$|mobile|notification/
const REFERRAL = /^(?:referral|app|link)$/

/**
 * The channels, the first that fits counts. After the definitions of Google Analytics' default channel group
 * (https://support.google.com/analytics/answer/9756891), with the click ids that ad networks append to paid clicks alone.
 */
const CHANNELS: readonly [name: string, fits: (origin: Origin) => boolean][] = [
  ['Cross-network', ({ campaign }) => campaign.includes('cross-network')],
  ['Paid Shopping', (origin) => isPaid(origin) && isShopping(origin)],
  ['Paid Search', (origin) => origin.type === 'search' && isPaid(origin)],
  ['Paid Social', (origin) => origin.type === 'social' && isPaid(origin)],
  ['Paid Video', (origin) => origin.type === 'video' && isPaid(origin)],
  ['Display', ({ medium, hasClickId }) => DISPLAY.test(medium) || hasClickId('dclid')],
  ['Paid Search', ({ hasClickId }) => hasClickId('gclid', 'gbraid', 'wbraid', 'msclkid')],
  ['Paid Social', ({ hasClickId }) => hasClickId('ttclid', 'twclid', 'li_fat_id')],
  ['Paid Other', ({ medium }) => PAID.test(medium)],
  ['Organic Shopping', isShopping],
  ['Organic Social', ({ type, medium }) => type === 'social' || SOCIAL.test(medium)],
  ['Organic Video', ({ type, medium }) => type === 'video' || medium.includes('video')],
  ['AI Assistants', ({ type }) => type === 'ai'],
  ['Organic Search', ({ type, medium }) => type === 'search' || medium === 'organic'],
  [
    'Email',
    ({ type, source, medium }) => type === 'email' || EMAIL.test(source) || EMAIL.test(medium),
  ],
  ['Affiliates', ({ medium }) => AFFILIATE.test(medium)],
  ['Audio', ({ medium }) => medium === 'audio'],
  ['SMS', ({ source, medium }) => source === 'sms' || medium === 'sms'],
  ['Mobile Push', ({ source, medium }) => PUSH.test(medium) || source === 'firebase'],
  [
    'Referral',
    ({ medium, source, isReferred }) => REFERRAL.test(medium) || source !== '' || isReferred,
  ],
]

/** `context.channel`: by what way the page was reached. Only for events that know a page by its URL. */
export function setChannel(event: JsonObject): JsonObject {
  const context = contextOf(event)
  if (typeof pageOf(event)?.url !== 'string' || !isAbsent(context.channel)) return event
  const origin = originOf(context)
  const [name] = CHANNELS.find(([, fits]) => fits(origin)) ?? ['Direct']
  return addToContext(event, { channel: name })
}

function originOf(context: JsonObject): Origin {
  const campaign = isJsonObject(context.campaign) ? context.campaign : {}
  const referrer = isJsonObject(context.referrer) ? context.referrer : {}
  const clickIds = isJsonObject(context.clickIds) ? context.clickIds : {}
  const source = lowerCase(campaign.source)
  const domain = lowerCase(referrer.domain)
  const isReferred = domain !== '' && referrer.type !== 'internal' && !isDetour(domain)
  const referrerType = isReferred ? (referrer.type as SourceType) : undefined
  return {
    campaign: lowerCase(campaign.name),
    source,
    medium: lowerCase(campaign.medium),
    type: source === '' ? referrerType : typeOfSource(source),
    isReferred,
    hasClickId: (...names) => names.some((name) => Object.hasOwn(clickIds, name)),
  }
}

function isPaid({ medium, type, hasClickId }: Origin): boolean {
  if (PAID.test(medium)) return true
  // Google's id comes with search, shopping and YouTube ads alike; `fbclid` is on every link, paid or not.
  return type === 'social'
    ? hasClickId('ttclid', 'twclid', 'li_fat_id')
    : hasClickId('gclid', 'gbraid', 'wbraid', 'msclkid')
}

function isShopping({ type, campaign }: Origin): boolean {
  return type === 'shopping' || SHOPPING_CAMPAIGN.test(campaign)
}

function lowerCase(value: Json | undefined): string {
  return typeof value === 'string' ? value.trim().toLowerCase() : ''
}
