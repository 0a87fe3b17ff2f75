import type { CollectorEnv } from '../env.ts'
import { ACCOUNT_SHARD } from '../stores/deliveries.ts'
import type { PrivacyStore } from '../stores/privacy-store.ts'
import { journalOf } from './journal-stubs.ts'

/** Calls the store of privacy requests, which the first journal keeps. */
export async function callPrivacy<Name extends keyof PrivacyStore>(
  env: CollectorEnv,
  name: Name,
  ...parameters: Parameters<PrivacyStore[Name]>
): Promise<ReturnType<PrivacyStore[Name]>> {
  // The platform's own type of a stub cannot follow a name that is a parameter.
  const call = journalOf(env, ACCOUNT_SHARD).privacy as unknown as (
    ...all: unknown[]
  ) => Promise<ReturnType<PrivacyStore[Name]>>
  return call(name, ...parameters)
}
