import type { SourceConfig } from './source-config.ts'

/** Who sent a request, as its write key tells, and what that key may do. */
export interface Sender {
  source: SourceConfig
  /** Whether it may join two people by `alias`, and whether its `context.trusted` counts. */
  isTrusted: boolean
  isServerKey: boolean
}

/** The sender behind a key. Public keys can be read out of any page, so whoever has one is trusted with nothing but new events. */
export function senderOf(source: SourceConfig, isServerKey: boolean): Sender {
  return { source, isServerKey, isTrusted: isServerKey || source.trustAlias === true }
}
