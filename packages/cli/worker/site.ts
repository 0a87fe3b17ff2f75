/** What a static site is made of; anything else is the collector's. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  ico: 'image/x-icon',
  jpg: 'image/jpeg',
  js: 'text/javascript; charset=utf-8',
  png: 'image/png',
  svg: 'image/svg+xml',
  webp: 'image/webp',
}

/** Stands in the pages for the key that only the running collector knows. */
const WRITE_KEY_PLACEHOLDER = 'YOUR_WRITE_KEY'

/** Runs beside the collector (`src/site-server.ts`), and is no part of the pages. */
const SERVER_FILE = '/server.js'

/** A file of the demo site, or `undefined` where the request is not for one. */
export async function serveSite(
  request: Request,
  site: Fetcher,
  writeKey: string,
): Promise<Response | undefined> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return undefined
  const { pathname } = new URL(request.url)
  const path = pathname === '/' ? '/index.html' : pathname
  const contentType = CONTENT_TYPES[path.split('.').at(-1) ?? '']
  if (!contentType || path === SERVER_FILE) return undefined
  const file = await site.fetch(`http://site${path}`)
  if (!file.ok) return undefined
  const body = path.endsWith('.html')
    ? (await file.text()).replaceAll(WRITE_KEY_PLACEHOLDER, writeKey)
    : file.body
  return new Response(body, {
    headers: { 'content-type': contentType, 'cache-control': 'no-cache' },
  })
}
