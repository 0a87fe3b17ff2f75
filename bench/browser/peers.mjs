import { peersOf } from '../peers/install.mjs'

/** The browser SDKs that ours is compared with. */
export const PEER_PACKAGES = peersOf(new URL('peers.json', import.meta.url), 'bench-peers')
