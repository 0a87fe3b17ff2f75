import { isJsonObject, type JsonObject } from '@tributary/protocol'
import type {
  AgentFacts,
  Arrival,
  Brand,
  ClientHints,
  DeviceFacts,
  DeviceKind,
  Versioned,
} from '../arrival.ts'
import { hintsInContext } from '../client-hints.ts'
import { addToContext, contextOf, missingIn } from '../stored-event.ts'

/** The user agent that an event goes by: the client's own word, else the device's. */
export function userAgentOf(event: JsonObject, device?: DeviceFacts): string | undefined {
  const { userAgent } = contextOf(event)
  return typeof userAgent === 'string' ? userAgent : device?.userAgent
}

/**
 * `context.userAgent` where the client did not say, and what follows from it: `browser`, `os` and `device`. Client Hints
 * count first, since browsers freeze what they write into the user agent.
 */
export function setUserAgent(event: JsonObject, { device, agent }: Arrival): JsonObject {
  const context = contextOf(event)
  const { device: kind, ...facts } = describe(hintsFor(event, device), agent)
  if (device?.userAgent !== undefined) facts.userAgent = device.userAgent
  const missing = missingIn(context, facts) ?? {}
  const sentKind = context.device ?? {}
  // A mobile SDK tells the device's id and model, and not everything else that is known of it.
  const missingKind = kind && isJsonObject(sentKind) ? missingIn(sentKind, kind) : undefined
  if (missingKind) missing.device = { ...(sentKind as JsonObject), ...missingKind }
  return Object.keys(missing).length > 0 ? addToContext(event, missing) : event
}

interface Description extends JsonObject {
  browser?: Versioned
  os?: Versioned
  device?: DeviceKind
}

/** The last answer of {@link describe}: the events of a request have the same two objects. */
let latest: {
  hints?: ClientHints | undefined
  agent?: AgentFacts | undefined
  facts: Description
} = {
  facts: {},
}

/** What hints and user agent say together. */
function describe(hints: ClientHints | undefined, agent: AgentFacts | undefined): Description {
  if (latest.hints === hints && latest.agent === agent) return latest.facts
  const facts: Description = {}
  const browser = browserOf(hints, agent)
  const os = osOf(hints, agent)
  const device = kindOf(hints, agent, os)
  if (browser) facts.browser = browser
  if (os) facts.os = os
  if (device) facts.device = device
  latest = { hints, agent, facts }
  return facts
}

/** The page's own hints, else those of the request if it speaks for the same browser. */
function hintsFor(event: JsonObject, device: DeviceFacts | undefined): ClientHints | undefined {
  const { userAgent, userAgentData } = contextOf(event)
  const isSameBrowser = (userAgent ?? device?.userAgent) === device?.userAgent
  return hintsInContext(userAgentData) ?? (isSameBrowser ? device?.hints : undefined)
}

/** Brands that browsers make up, so that nobody relies on a fixed list: `Not_A Brand`, `Not;A=Brand`… */
const MADE_UP = /^\W*not\W*a\W*brand\W*$/i

/** Brands that name the engine and not the browser. */
const ENGINES = new Set(['Chromium', 'Android WebView'])

/** Brands by the names that the parser of user agents gives the same browsers. */
const BROWSER_NAMES: Record<string, string> = {
  'Google Chrome': 'Chrome',
  HeadlessChrome: 'Chrome Headless',
  'Microsoft Edge': 'Edge',
  'Microsoft Edge WebView2': 'Edge',
  'Opera GX': 'Opera',
  YaBrowser: 'Yandex',
}

function browserOf(
  hints: ClientHints | undefined,
  agent: AgentFacts | undefined,
): Versioned | undefined {
  const brand = hints?.brands.find(({ brand }) => !MADE_UP.test(brand) && !ENGINES.has(brand))
  if (!hints || !brand) return agent?.browser
  const name = nameOf(BROWSER_NAMES, brand.brand)
  const version = versionIn(hints.fullVersions, brand.brand)
  const parsed = agent?.browser?.name === name ? agent.browser.version : undefined
  return { name, version: version ?? parsed ?? brand.version }
}

function versionIn(versions: Brand[] | undefined, name: string): string | undefined {
  return versions?.find(({ brand }) => brand === name)?.version
}

const PLATFORM_NAMES: Record<string, string> = {
  'Chromium OS': 'Chrome OS',
  'Mac OS X': 'macOS',
}

function osOf(
  hints: ClientHints | undefined,
  agent: AgentFacts | undefined,
): Versioned | undefined {
  if (!hints?.platform || hints.platform === 'Unknown') return agent?.os
  const name = nameOf(PLATFORM_NAMES, hints.platform)
  const parsed = agent?.os?.name === name ? agent.os.version : undefined
  const version = hints.platformVersion ? osVersion(name, hints.platformVersion) : parsed
  return version === undefined ? { name } : { name, version }
}

/** Windows tells the version of an API: from 13 on it is Windows 11, from 1 on Windows 10 (Microsoft, "Detect Windows 11"). */
function osVersion(name: string, version: string): string {
  if (name !== 'Windows') return version
  const major = Number.parseInt(version, 10)
  if (major >= 13) return '11'
  return major >= 1 ? '10' : version
}

const DESKTOP_SYSTEMS = new Set(['Windows', 'macOS', 'Linux', 'Chrome OS'])

function kindOf(
  hints: ClientHints | undefined,
  agent: AgentFacts | undefined,
  os: Versioned | undefined,
): DeviceKind | undefined {
  if (!hints) return agent?.device
  const type = typeFromHints(hints, os)
  const kind: DeviceKind = { ...agent?.device, ...(type && { type }) }
  if (hints.model) kind.model = hints.model
  return kind
}

function typeFromHints({ isMobile }: ClientHints, os: Versioned | undefined): string | undefined {
  if (isMobile) return 'mobile'
  if (isMobile === undefined || !os) return undefined
  if (DESKTOP_SYSTEMS.has(os.name)) return 'desktop'
  return os.name === 'Android' ? 'tablet' : undefined
}

function nameOf(names: Record<string, string>, name: string): string {
  return Object.hasOwn(names, name) ? (names[name] as string) : name
}
