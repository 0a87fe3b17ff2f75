import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { StartupError } from './startup-error.ts'

/** Where the server part of a site sends its events. */
interface Target {
  writeKey: string
  /** Base URL of the collector. */
  endpoint: string
}

/** The server part of a site: `handle` of `server.js` in its folder. It runs in this process. */
export type SiteServer = (request: Request, collector: Target) => Promise<Response>

/**
 * Loads the server part of a site.
 *
 * @returns `undefined` where the folder has none.
 * @throws StartupError when there is one that cannot be loaded.
 */
export async function loadSiteServer(siteDirectory: string): Promise<SiteServer | undefined> {
  const file = join(siteDirectory, 'server.js')
  if (!existsSync(file)) return undefined
  try {
    const { handle } = (await import(pathToFileURL(file).href)) as { handle?: SiteServer }
    if (typeof handle === 'function') return handle
  } catch (error) {
    throw new StartupError(`${file} cannot be loaded: ${(error as Error).message}`)
  }
  throw new StartupError(`${file} exports no function "handle".`)
}
