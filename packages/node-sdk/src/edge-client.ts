import { edgePlatform } from './adapters/edge-platform.ts'
import { Tributary as Client } from './client.ts'
import type { TributaryOptions } from './options.ts'
import { currentContext } from './request-context.ts'

const platform = { ...edgePlatform, requestContext: currentContext }

/** The client where there is no Node: no disk queue, and requests by the runtime's own `fetch`. */
export class Tributary extends Client {
  /** @throws {Error} When an option cannot work; the message names it. */
  constructor(options: TributaryOptions) {
    super(options, platform)
  }
}
