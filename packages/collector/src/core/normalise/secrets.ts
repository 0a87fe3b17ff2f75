import { isJsonObject, type Json, type JsonObject } from '@tributary/protocol'
import type { Arrival } from '../arrival.ts'
import { remember } from '../remember.ts'
import { addFlag } from '../stored-event.ts'

/** What stands where a secret was. */
const REMOVED = '[removed]'

/**
 * Parameters that carry credentials or an address of a person, whatever the site. `code` and `key` are not among them:
 * they are as often a voucher or a sort order, and an OAuth code is worth nothing alone and expires in minutes
 * (RFC 6749, 4.1.2). A site whose login links hold a `code` lists it in `secretParameters`.
 */
const SECRET_PARAMETERS =
  `token access_token id_token refresh_token auth_token csrf_token reset_token
  invitation_token confirmation_token login_token session_token api_token accesstoken authtoken auth
  authorization password passwd pass pwd new_password secret client_secret api_key apikey api-key
  access_key private_key session sessionid session_id session-id sid jsessionid phpsessid jwt otp
  sig signature x-amz-signature x-amz-credential x-amz-security-token x-goog-signature samlresponse
  email e-mail email_address`.split(/\s+/)

/** Credentials before the host; a URL may lack its scheme. */
const USER_INFO = /^([a-z][a-z\d+.-]*:)?\/\/([^/?#\\]*)@/i

/** Credentials of a URL within a text, which may have its slashes escaped as PHP does. */
const USER_INFO_IN_TEXT = /(:(?:\/\/|\\\/\\\/))[^\s"'/?#\\]*@/g

/** A parameter or credentials; most URLs have neither, and are done with here. */
const MAY_HOLD_SECRET = /[=@]|%3d/i

/** Different URLs that are remembered as they are without secrets. */
const MAX_URLS = 1000

const URL_FIELDS = ['url', 'search', 'referrer', 'path'] as const

/** Takes secrets out of the URLs of page, properties and referrer; everything else in them stays as it came. */
export function stripSecrets(event: JsonObject, { source }: Arrival): JsonObject {
  const stripped = stripSecretsFrom(event, source.secretParameters)
  return stripped === event ? event : addFlag(stripped, 'secrets_removed')
}

/**
 * An event, as stored or as it came, with `[removed]` for every secret in a URL of `context.page`, `context.referrer`
 * or `properties`; the same object where there is none.
 *
 * @param more Names of secret parameters beside those that are such everywhere.
 */
export function stripSecretsFrom(event: JsonObject, more?: readonly string[]): JsonObject {
  const { stripUrl } = strippersFor(more)
  const strip = (holder: JsonObject) => stripUrls(holder, stripUrl)
  const stripped = stripField(event, 'properties', strip)
  return stripField(stripped, 'context', (context) =>
    stripField(stripField(context, 'page', strip), 'referrer', strip),
  )
}

/** Text that may hold URLs anywhere, without the secrets in them. */
export function stripSecretsFromText(text: string, more?: readonly string[]): string {
  return strippersFor(more).stripText(text)
}

function stripField(
  holder: JsonObject,
  field: string,
  strip: (value: JsonObject) => JsonObject,
): JsonObject {
  const value = holder[field]
  if (!isJsonObject(value)) return holder
  const stripped = strip(value)
  return stripped === value ? holder : { ...holder, [field]: stripped }
}

function stripUrls(holder: JsonObject, stripUrl: (url: string) => string): JsonObject {
  let stripped = holder
  for (const field of URL_FIELDS) {
    const before: Json | undefined = holder[field]
    if (typeof before !== 'string' || !MAY_HOLD_SECRET.test(before)) continue
    const after = stripUrl(before)
    if (after !== before) stripped = { ...stripped, [field]: after }
  }
  return stripped
}

interface Strippers {
  stripUrl: (url: string) => string
  /** For text in which a URL ends at a quotation mark or a space. */
  stripText: (text: string) => string
}

const NO_NAMES: readonly string[] = []

/** By the source's list of names, which is the same array for as long as the Worker lives. */
const compiled = new WeakMap<readonly string[], Strippers>()

function strippersFor(more: readonly string[] = NO_NAMES): Strippers {
  const known = compiled.get(more)
  if (known) return known
  const names = [...SECRET_PARAMETERS, ...more].map((name) => name.replace(/[^\w-]/g, '\\$&'))
  const name = `(?:${names.join('|')})`
  const [inUrl, inText] = [secretPattern(name, ''), secretPattern(name, '"\\s')]
  const strippers: Strippers = {
    stripUrl: remember((url) => withoutParameters(withoutUserInfo(url), inUrl), MAX_URLS),
    stripText: (text) =>
      withoutParameters(text.replace(USER_INFO_IN_TEXT, `$1${REMOVED}@`), inText),
  }
  compiled.set(more, strippers)
  return strippers
}

function withoutUserInfo(url: string): string {
  return url.includes('@') ? url.replace(USER_INFO, `$1//${REMOVED}@`) : url
}

function withoutParameters(text: string, pattern: RegExp): string {
  return text.replace(pattern, `$1$2$3${REMOVED}`)
}

/**
 * A secret's name with its `=`, and its value: in a query or a fragment, as a parameter of a path (`;jsessionid=`), and
 * in a URL that is itself the encoded value of a parameter (`?next=%2F%3Ftoken%3D…`).
 *
 * @param ends Characters that end a value beside those of URLs.
 */
function secretPattern(name: string, ends: string): RegExp {
  const inQuery = `((?:^|[?&#])${name}=)[^&#${ends}]+`
  const inPath = `(;${name}=)[^&#?/;${ends}]+`
  const encoded = `(%(?:3f|26|23)${name}%3d)(?:(?!%26|%23)[^&#${ends}])+`
  return new RegExp(`${inQuery}|${inPath}|${encoded}`, 'gi')
}
