import { peersOf } from '../peers/install.mjs'

/** The Node SDKs that ours is compared with. */
export const PEER_PACKAGES = peersOf(new URL('peers.json', import.meta.url), 'bench-node-peers')

/** Ours, with the queue in memory and on disk, and the control. */
export const OWN = ['tributary', 'tributary-disk', 'baseline']

/** Every SDK that {@link file://./adapters.mjs} knows. */
export const SDKS = [...OWN, 'segment', 'rudderstack', 'posthog', 'snowplow', 'amplitude', 'jitsu']
