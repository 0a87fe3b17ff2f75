import type { FirstParty } from '@tributary/protocol'
import { type BrowserId, browserId, cookiesFor } from '../core/first-party.ts'
import type { SourceConfig } from '../core/source-config.ts'

/** The browser's id, where the request asks to have it kept and the source does so. */
export function browserOf(
  request: Request,
  { cookie }: SourceConfig,
  firstParty: FirstParty | undefined,
): BrowserId | undefined {
  if (!cookie || !firstParty) return undefined
  return browserId(firstParty, cookie, request.headers.get('cookie'))
}

/** Sets both cookies on an answer that acknowledges. They are renewed each time, so that they last as long as visits do. */
export function withCookies(
  answer: Response,
  { cookie }: SourceConfig,
  browser: BrowserId | undefined,
): Response {
  if (!cookie || !browser || !answer.ok) return answer
  for (const text of cookiesFor(browser.id, cookie)) answer.headers.append('set-cookie', text)
  return answer
}
