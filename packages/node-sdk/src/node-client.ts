import { nodePlatform } from './adapters/node-platform.ts'
import { Tributary as Client } from './client.ts'
import type { TributaryOptions } from './options.ts'
import { currentContext } from './request-context.ts'

const platform = { ...nodePlatform, requestContext: currentContext }

/** The client, on Node. A class and not a function: it is what `new Tributary(…)` has to find. */
export class Tributary extends Client {
  /** @throws {Error} When an option cannot work; the message names it. */
  constructor(options: TributaryOptions) {
    super(options, platform)
  }
}
