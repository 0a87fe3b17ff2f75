import type { Json, JsonObject } from '@tributary/protocol'
import type { EventTimes } from './event-time.ts'
import type { BrowserId } from './first-party.ts'
import type { Replay } from './replay.ts'
import type { SourceConfig } from './source-config.ts'

/** What the collector knows about an event beside its content. */
export interface Arrival {
  /** Its id, and its policies. */
  source: SourceConfig
  /** First byte of the request, milliseconds since 1970. */
  receivedAtMs: number
  /** The id to store it under: the client's, or a derived one. */
  messageId: string
  /** A `type` that the event had and the path has overruled. */
  sentType?: Json
  /** `sentAt` of the envelope or of the request's header, for events without their own. */
  sentAt?: string
  /** The event's times, already read (`timesOf`). */
  times?: EventTimes
  /** Whether the key is trusted with `context.trusted`. */
  isTrusted?: boolean
  /** The browser's anonymous id, where it asked to have it kept in a cookie. */
  browser?: BrowserId
  /** The device, where the request came from it directly; a server's address must not pass for a person's. */
  device?: DeviceFacts
  /** What the event's user agent says (`userAgentOf`), already parsed. */
  agent?: AgentFacts
  /** Keyed hashes of the addresses in the request, for the policy `hash`; none where the secret is missing. */
  ipHashes?: ReadonlyMap<string, string>
  /** Where the event comes from quarantine: how it came there. */
  replay?: Replay
}

/** What a request tells about the device that made it. */
export interface DeviceFacts {
  ip?: string
  userAgent?: string
  hints?: ClientHints
  /** `true` where the browser sent `Sec-GPC: 1`. */
  gpc?: true
  location?: LocationFacts
  /** Number of the network that the address belongs to. */
  asn?: number
  /** The platform's own estimate, 1 (a bot) to 99 (a person). */
  botScore?: number
}

/** Where the platform places an address. */
export interface LocationFacts {
  /** ISO 3166-1, two letters. */
  country?: string
  region?: string
  city?: string
  postalCode?: string
  latitude?: number
  longitude?: number
  /** IANA name. */
  timezone?: string
}

/** User-Agent Client Hints (https://wicg.github.io/ua-client-hints/), from headers or from a page's `navigator.userAgentData`. */
export interface ClientHints {
  brands: Brand[]
  /** Brands with their whole version; a browser tells them only where it was asked. */
  fullVersions?: Brand[]
  isMobile?: boolean
  platform?: string
  platformVersion?: string
  model?: string
}

export interface Brand {
  brand: string
  version: string
}

/** A name and, where it is known, a version. */
export interface Versioned extends JsonObject {
  name: string
  version?: string
}

/** What a user agent says. The same object serves many events: it is not to be changed. */
export interface AgentFacts {
  browser?: Versioned
  os?: Versioned
  device?: DeviceKind
  isBot: boolean
}

/** `type` is `desktop`, `mobile`, `tablet`, `smarttv`, `console`, `wearable` or `embedded`. */
export interface DeviceKind extends JsonObject {
  type?: string
  model?: string
  manufacturer?: string
}
