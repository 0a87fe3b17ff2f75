import type { Identifier } from './identifiers.ts'
import { profileIdOf } from './profile-id.ts'

/**
 * Stands for an identifier where the value itself is not needed, or not known any more: its {@link profileIdOf}, of one
 * length. Addresses are as good as random, and their order decides which of two components takes in the other.
 */
export type Address = string

/** A person's events carry the same identifiers again and again; bounded, since anybody can send new ones. */
const MAX_KEPT = 20_000
let kept = new Map<string, Address>()

/** The address of an identifier. */
export function addressOf(identifier: Pick<Identifier, 'key' | 'fingerprint'>): Address {
  if (identifier.fingerprint !== undefined) return identifier.fingerprint
  const known = kept.get(identifier.key)
  if (known !== undefined) return known
  if (kept.size >= MAX_KEPT) kept = new Map()
  const address = profileIdOf(identifier)
  kept.set(identifier.key, address)
  return address
}

/** The smallest of some addresses. */
export function leastOf([first, ...others]: readonly Address[]): Address {
  let least = first ?? ''
  for (const address of others) if (address < least) least = address
  return least
}
