import type { Browser, Cookie, Page } from 'playwright-core'
import { ADMIN_TOKEN } from './collector.ts'

/** The cookie of a session of the console, as a sign-in sets it. */
export async function signIn(url: string): Promise<Cookie> {
  const answer = await fetch(`${url}/console/session`, {
    method: 'POST',
    headers: { origin: url },
    body: JSON.stringify({ token: ADMIN_TOKEN }),
  })
  const [, name = '', value = ''] =
    /^(\w+)=([^;]+)/.exec(answer.headers.get('set-cookie') ?? '') ?? []
  const { hostname: domain } = new URL(url)
  const rest = { path: '/', expires: -1, httpOnly: true, secure: false } as const
  return { name, value, domain, sameSite: 'Strict', ...rest }
}

/** A tab of its own that is signed in, and nowhere yet. */
export function newSignedInPage(browser: Browser, session: Cookie, options = {}): Promise<Page> {
  return browser.newPage({ storageState: { cookies: [session], origins: [] }, ...options })
}
