import { remember } from '../remember.ts'
import { siteOf } from '../site.ts'

/** What kind of place a visit came from; `other` is any that is on no list. */
export type SourceType = 'search' | 'social' | 'video' | 'shopping' | 'ai' | 'email' | 'other'

/**
 * Sites by kind. A name without a dot stands for that site under every top-level domain; one with subdomain comes before
 * its site. Own lists: what brings visits to most websites, not all there is.
 */
const SITES: Record<SourceType, string> = {
  search: `google bing yandex baidu.com duckduckgo.com ecosia.org qwant.com startpage.com search.brave.com
    search.yahoo.com yahoo.com yahoo.co.jp naver.com daum.net seznam.cz sogou.com so.com kagi.com
    mojeek.com ask.com aol.com lycos.com dogpile.com metager.org swisscows.com presearch.com ya.ru
    msn.com petalsearch.com coccoc.com swisscows.ch
    com.google.android.googlequicksearchbox com.google.android.apps.searchlite`,
  social: `facebook.com fb.com fb.me m.me messenger.com instagram.com threads.net threads.com x.com twitter.com
    t.co linkedin.com lnkd.in pinterest pin.it reddit.com redd.it tiktok.com snapchat.com tumblr.com
    vk.com ok.ru weibo.com t.cn wechat.com weixin.qq.com zhihu.com xiaohongshu.com bsky.app
    mastodon.social quora.com discord.com discord.gg telegram.org t.me whatsapp.com wa.me line.me
    news.ycombinator.com nextdoor.com xing.com meetup.com slack.com stackoverflow.com
    producthunt.com medium.com substack.com
    com.facebook.katana com.facebook.orca com.instagram.android com.twitter.android
    com.linkedin.android com.reddit.frontpage com.pinterest com.slack org.telegram.messenger
    com.whatsapp`,
  video: `youtube.com youtu.be youtube-nocookie.com vimeo.com twitch.tv dailymotion.com bilibili.com
    rumble.com wistia.com ted.com netflix.com hulu.com nicovideo.jp youku.com iqiyi.com
    com.google.android.youtube`,
  shopping: `amazon ebay etsy.com walmart.com aliexpress.com alibaba.com shopping.google.com target.com
    rakuten.com rakuten.co.jp mercadolibre mercadolivre flipkart.com zalando idealo shop.app temu.com
    shein.com wish.com allegro.pl otto.de cdiscount.com bol.com taobao.com tmall.com jd.com
    pricerunner.com kelkoo geizhals.de geizhals.at shopzilla.com`,
  ai: `chatgpt.com chat.openai.com openai.com perplexity.ai claude.ai gemini.google.com bard.google.com
    copilot.microsoft.com copilot.cloud.microsoft deepseek.com chat.deepseek.com grok.com x.ai meta.ai
    mistral.ai chat.mistral.ai you.com phind.com poe.com pi.ai huggingface.co kimi.com doubao.com
    character.ai chat.qwen.ai
    com.openai.chatgpt ai.perplexity.app.android com.anthropic.claude`,
  email: `mail.google.com mail.yahoo.com mail.yahoo.co.jp outlook.live.com outlook.office.com
    outlook.office365.com outlook.com mail.aol.com mail.yandex.ru mail.yandex.com mail.ru e.mail.ru mail.proton.me
    mail.zoho.com mail.163.com mail.qq.com gmx.net gmx.de navigator.gmx.net web.de fastmail.com
    icloud.com orange.fr mail.orange.fr
    com.google.android.gm com.microsoft.office.outlook`,
  other: `docs.google.com drive.google.com sites.google.com classroom.google.com meet.google.com
    calendar.google.com cloud.google.com developers.google.com groups.google.com aws.amazon.com`,
}

/** Names that people write as `utm_source` for a site whose own name is another. */
const ALIASES: Record<SourceType, string> = {
  search: 'adwords googleads google_ads google-ads bingads microsoft brave',
  social: 'fb ig meta tt li insta facebookads facebook_ads linkedin_ads twitter_ads hackernews',
  video: 'yt',
  shopping: 'google_shopping googleshopping',
  ai: 'openai claude gemini copilot grok mistral deepseek',
  email: 'gmail',
  other: '',
}

/** Names of sites that are ordinary words or letters, and as a `utm_source` may mean anything. */
const AMBIGUOUS_NAMES = new Set('ask com line m ok pi shop so t target ted web wish you'.split(' '))

/** Where people are sent to pay or to log in, and come back from: no place that a visit begins at. */
const DETOUR_SITES = new Set(
  `paypal.com stripe.com klarna.com adyen.com adyenpayments.com mollie.com checkout.com worldpay.com
  authorize.net braintreegateway.com squareup.com afterpay.com clearpay.co.uk affirm.com
  pay.amazon.com pay.google.com payu.com razorpay.com sofort.com giropay.de ideal.nl mercadopago.com
  alipay.com 2checkout.com paddle.com gocardless.com sagepay.com cardinalcommerce.com sumup.com
  twint.ch accounts.google.com login.microsoftonline.com login.live.com appleid.apple.com`.split(
    /\s+/,
  ),
)

/** Different hosts whose kind is remembered. */
const MAX_HOSTS = 1000

const TYPE_OF_SITE: ReadonlyMap<string, SourceType> = new Map(entriesOf(SITES))
const TYPE_OF_NAME = typesOfNames()

/** The kind of a referring host. */
export const typeOfHost: (host: string) => SourceType = remember((host) => {
  const site = siteOf(host)
  for (const name of hostAndParents(host, site)) {
    const type = TYPE_OF_SITE.get(name)
    if (type) return type
  }
  return TYPE_OF_SITE.get(nameOfSite(site)) ?? 'other'
}, MAX_HOSTS)

/** The kind of what `utm_source` names: a host or the short name of a site, in lower case. */
export function typeOfSource(source: string): SourceType {
  return TYPE_OF_NAME.get(source) ?? (source.includes('.') ? typeOfHost(source) : 'other')
}

/** Whether people come back from a host rather than from it: a payment or a login on the way. */
export function isDetour(host: string): boolean {
  return hostAndParents(host, siteOf(host)).some((name) => DETOUR_SITES.has(name))
}

/** Longest name of a host (RFC 1035, 2.3.4). What is longer is none, and has too many parents to look at them all. */
const MAX_HOST_LENGTH = 253

/** `mail.example.com`, then `example.com` where that is the site. The app in an `android-app:` URL is its own site. */
function hostAndParents(host: string, site: string): string[] {
  const names = [host]
  if (host.length > MAX_HOST_LENGTH) return names
  let rest = host
  while (rest.length > site.length) {
    rest = rest.slice(rest.indexOf('.') + 1)
    names.push(rest)
  }
  return names
}

function nameOfSite(site: string): string {
  return site.split('.', 1)[0] as string
}

/** Short names: the aliases, and the first label of each site that is no subdomain (`mail.`) and no app (`com.`). */
function typesOfNames(): Map<string, SourceType> {
  const names = new Map(entriesOf(ALIASES))
  for (const [site, type] of entriesOf(SITES)) {
    const name = nameOfSite(site)
    if (site !== siteOf(site) || names.has(name) || AMBIGUOUS_NAMES.has(name)) continue
    names.set(name, type)
  }
  return names
}

function entriesOf(lists: Record<SourceType, string>): [string, SourceType][] {
  return Object.entries(lists).flatMap(([type, list]) =>
    list.split(/\s+/).map((name): [string, SourceType] => [name, type as SourceType]),
  )
}
