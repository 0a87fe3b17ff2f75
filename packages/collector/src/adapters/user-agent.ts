import { isbot } from 'isbot'
import UAParser from 'ua-parser-js'
import type { AgentFacts, DeviceKind, Versioned } from '../core/arrival.ts'

/** Different user agents that are kept parsed; parsing takes fifty times as long as finding one again. */
const MAX_KEPT_AGENTS = 2000

/** Longest user agent that is looked at. Real ones have up to some 300 characters, and patterns are slow on long texts. */
const MAX_USER_AGENT_LENGTH = 512

const parsed = new Map<string, AgentFacts>()

/** What a user agent says of browser, system and device, and whether it calls itself a bot. */
export function readUserAgent(userAgent: string): AgentFacts {
  const text = userAgent.slice(0, MAX_USER_AGENT_LENGTH)
  const known = parsed.get(text)
  if (known) return known
  if (parsed.size >= MAX_KEPT_AGENTS) parsed.delete(parsed.keys().next().value as string)
  const facts = parse(text)
  parsed.set(text, facts)
  return facts
}

function parse(userAgent: string): AgentFacts {
  const parser = new UAParser(userAgent)
  const facts: AgentFacts = { isBot: isbot(userAgent) }
  const browser = versioned(parser.getBrowser())
  const hardware = parser.getDevice()
  const os = systemOf(parser.getOS(), hardware.model === FROZEN_MODEL)
  if (browser) facts.browser = browser
  if (os) facts.os = os
  const device = deviceOf(hardware, os)
  if (device) facts.device = device
  return facts
}

/** Names of systems that Client Hints call otherwise. */
const SYSTEM_NAMES: Record<string, string> = { 'Mac OS': 'macOS', 'Chromium OS': 'Chrome OS' }

/** What browsers write whatever the version is (https://www.chromium.org/updates/ua-reduction/); the same for Safari and Firefox. */
const FROZEN_VERSIONS: Record<string, readonly string[]> = {
  macOS: ['10.15.7', '10.15'],
  'Chrome OS': ['14541.0.0'],
}

/** What Chrome on Android writes for every model; its version of Android is frozen too then. */
const FROZEN_MODEL = 'K'

function systemOf({ name, version = '' }: Parsed, isFrozen: boolean): Versioned | undefined {
  const ours = name && (SYSTEM_NAMES[name] ?? name)
  const isUnknown = isFrozen || (ours && FROZEN_VERSIONS[ours]?.includes(version))
  return versioned({ name: ours, version: isUnknown ? '' : version })
}

const DESKTOP_SYSTEMS =
  /^(?:windows|macos|chrome os|linux|ubuntu|debian|fedora|mint|arch|gentoo|suse|freebsd|openbsd)$/i

function deviceOf(
  { type, model, vendor }: Record<'type' | 'model' | 'vendor', string | undefined>,
  os: Versioned | undefined,
): DeviceKind | undefined {
  const kind: DeviceKind = {}
  const ours = type ?? (os && DESKTOP_SYSTEMS.test(os.name) ? 'desktop' : undefined)
  if (ours) kind.type = ours
  if (model && model !== FROZEN_MODEL) kind.model = model
  if (vendor) kind.manufacturer = vendor
  return Object.keys(kind).length > 0 ? kind : undefined
}

/** A name and a version as the parser gives them. */
interface Parsed {
  name?: string | undefined
  version?: string | undefined
}

function versioned({ name, version }: Parsed): Versioned | undefined {
  if (!name) return undefined
  return version ? { name, version } : { name }
}
