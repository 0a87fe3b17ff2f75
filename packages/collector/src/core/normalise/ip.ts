import { isJsonObject, type Json, type JsonObject } from '@tributary/protocol'
import type { Arrival } from '../arrival.ts'
import { remember } from '../remember.ts'
import type { IpPolicy } from '../source-config.ts'
import { addFlag, contextOf, fillContext } from '../stored-event.ts'

/** What a person's client sends as `ip` to say: do not look (Segment). It is no address, and stays under every policy. */
const OPT_OUT = '0.0.0.0'

/** Different addresses whose truncation is remembered. */
const MAX_ADDRESSES = 1000

const HASHED = /^h_[0-9a-f]{32}$/

/** Whether the person wants neither address nor location known. */
export function isOptedOut(event: JsonObject): boolean {
  return contextOf(event).ip === OPT_OUT || event.ip === OPT_OUT
}

/** `context.ip`: what the source's policy keeps of the client's own word, else of the device's address. */
export function setIp(event: JsonObject, { source, device, ipHashes }: Arrival): JsonObject {
  const policy = source.ip ?? 'keep'
  const own = keepOfAddresses(event, policy, ipHashes)
  const seen = isOptedOut(event) ? undefined : device?.ip
  const ip = seen === undefined ? undefined : keptOf(seen, policy, ipHashes)
  const filled = ip === undefined ? own : fillContext(own, { ip })
  const isLost = own !== event || seen !== undefined
  return policy === 'hash' && !ipHashes && isLost ? addFlag(filled, 'ip_secret_missing') : filled
}

/**
 * An event, as stored or as it came, with what the policy keeps of the addresses in `ip` and `context.ip`. What cannot
 * be read as an address is not kept: a policy that removes must not be passed by writing it in another way.
 */
export function keepOfAddresses(
  event: JsonObject,
  policy: IpPolicy,
  hashes?: ReadonlyMap<string, string>,
): JsonObject {
  const kept = keepOfAddress(event, policy, hashes)
  if (!isJsonObject(kept.context)) return kept
  const context = keepOfAddress(kept.context, policy, hashes)
  return context === kept.context ? kept : { ...kept, context }
}

/** The addresses that a hash is needed of, as they are written in `ip` and `context.ip`. */
export function addressesIn(event: JsonObject): string[] {
  return [event.ip, contextOf(event).ip].filter((ip) => typeof ip === 'string')
}

function keepOfAddress(
  holder: JsonObject,
  policy: IpPolicy,
  hashes: ReadonlyMap<string, string> | undefined,
): JsonObject {
  const before = holder.ip
  if (before === undefined || before === null) return holder
  const after = keptOf(before, policy, hashes)
  if (after === before) return holder
  const { ip: _, ...rest } = holder
  return after === undefined ? rest : { ...rest, ip: after }
}

function keptOf(
  ip: Json,
  policy: IpPolicy,
  hashes: ReadonlyMap<string, string> | undefined,
): Json | undefined {
  if (policy === 'keep') return ip
  if (typeof ip !== 'string') return undefined
  if (ip === OPT_OUT) return ip
  if (policy === 'truncate') return truncate(ip.trim())
  if (policy === 'hash') return HASHED.test(ip) ? ip : hashes?.get(ip)
  return undefined
}

/** An IPv4 address mapped into IPv6, as servers that listen on both see it. */
const MAPPED = /^::ffff:(?=[\d.]+$)/i

/** The first 24 bits of an IPv4 address, the first 48 of an IPv6 one; `undefined` for anything else. */
const truncate = remember(
  (ip: string) => truncateV4(ip.replace(MAPPED, '')) ?? truncateV6(ip),
  MAX_ADDRESSES,
)

function truncateV4(ip: string): string | undefined {
  const bytes = ip.split('.')
  const isAddress =
    bytes.length === 4 && bytes.every((byte) => /^\d{1,3}$/.test(byte) && Number(byte) <= 255)
  return isAddress ? `${bytes.slice(0, 3).join('.')}.0` : undefined
}

function truncateV6(ip: string): string | undefined {
  const [head = '', tail, ...more] = ip.replace(/%.*$/s, '').split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail ? tail.split(':') : []
  const left = 8 - before.length - after.length
  const isWhole = tail === undefined ? left === 0 : left > 0
  const groups = [...before, ...after]
  if (more.length > 0 || !isWhole || !groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) {
    return undefined
  }
  const all = [...before, ...Array(left).fill('0'), ...after]
  return `${all.slice(0, 3).map(withoutZeros).join(':')}::`
}

function withoutZeros(group: string): string {
  return Number.parseInt(group, 16).toString(16)
}
