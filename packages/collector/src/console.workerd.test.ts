import { SELF } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { signSession } from './adapters/session-signature.ts'
import { SESSION_MS, sessionText } from './core/session.ts'

const ORIGIN = 'https://collector.example'
const TOKEN = 'at_test_token'
const OWN = { 'sec-fetch-site': 'same-origin', origin: ORIGIN }

function call(path: string, init: RequestInit = {}): Promise<Response> {
  return SELF.fetch(`${ORIGIN}${path}`, init)
}

function signIn(token: string, headers: Record<string, string> = OWN, url = ORIGIN) {
  const body = JSON.stringify({ token })
  return SELF.fetch(`${url}/console/session`, { method: 'POST', headers, body })
}

/** The cookie of a new session, as a browser would send it. */
async function newSession(): Promise<string> {
  const answer = await signIn(TOKEN)
  const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';')
  return cookie
}

test('a session is a cookie for this host alone, which no script and no other site has', async () => {
  const answer = await signIn(TOKEN)
  expect(answer.status).toBe(200)
  const cookie = answer.headers.get('set-cookie') ?? ''
  expect(cookie).toMatch(
    /^tributary_session=\d{13}\.[0-9a-f]{64}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/,
  )
  expect(cookie).not.toContain(TOKEN)
  const local = await signIn(TOKEN, { 'sec-fetch-site': 'same-origin' }, 'http://127.0.0.1:8787')
  expect(local.headers.get('set-cookie')).not.toContain('Secure')
})

test.for(['wrong', '', `${TOKEN}x`])('the token %j begins no session', async (token) => {
  const answer = await signIn(token)
  expect(answer.status).toBe(401)
  expect(answer.headers.get('set-cookie')).toBeNull()
})

test.for(['', 'null', '{"token":5}', '[', 'x'.repeat(5000)])(
  'a sign-in that says %j is refused',
  async (body) => {
    const answer = await call('/console/session', { method: 'POST', headers: OWN, body })
    expect(answer.status).toBe(401)
  },
)

test('a session reads and changes, as the token does, from the console itself', async () => {
  const cookie = await newSession()
  expect((await call('/api/stats', { headers: { cookie } })).status).toBe(200)
  const changed = await call('/api/drain', { method: 'POST', headers: { ...OWN, cookie } })
  expect(changed.status).toBe(200)
  // An older browser tells by `Origin` alone.
  const headers = { cookie, origin: ORIGIN }
  expect((await call('/api/drain', { method: 'POST', headers })).status).toBe(200)
})

test.for([
  {},
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { origin: 'https://other.collector.example' },
  { origin: 'http://collector.example' },
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site', origin: ORIGIN },
  { 'sec-fetch-site': 'none' },
  { 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' },
] as Record<string, string>[])(
  'a session changes nothing for a request with %j',
  async (headers) => {
    const cookie = await newSession()
    for (const path of ['/api/drain', '/api/compact', '/api/quarantine/replay']) {
      const answer = await call(path, { method: 'POST', headers: { ...headers, cookie } })
      expect(answer.status).toBe(403)
      expect(await answer.json()).toMatchObject({ code: 'cross_site_request' })
    }
    // Nor does it begin or end one: whoever could sign others in would see what they do.
    expect((await signIn(TOKEN, headers)).status).toBe(403)
    expect((await call('/console/session', { method: 'DELETE', headers })).status).toBe(403)
  },
)

test('the token itself needs no origin', async () => {
  const headers = { authorization: `Bearer ${TOKEN}`, origin: 'https://elsewhere.example' }
  expect((await call('/api/drain', { method: 'POST', headers })).status).toBe(200)
  // A wrong token is not made good by a session.
  const cookie = await newSession()
  const both = { cookie, authorization: 'Bearer wrong' }
  expect((await call('/api/stats', { headers: both })).status).toBe(401)
})

test('a session that is over, moved on, forged or of another token is none', async () => {
  const now = Date.now()
  const of = async (expiresAtMs: number, token = TOKEN) =>
    `${expiresAtMs}.${await signSession(sessionText(expiresAtMs), token)}`
  const good = await of(now + 1000)
  for (const value of [
    await of(now - 1),
    await of(now + SESSION_MS + 60_000),
    await of(now + 1000, 'at_former_token'),
    good.replace(/^\d+/, String(now + 2000)),
    good.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')),
    good.slice(0, -1),
    '',
    '.',
  ]) {
    const headers = { cookie: `tributary_session=${value}` }
    expect((await call('/api/stats', { headers })).status, value).toBe(401)
  }
  const headers = { cookie: `tributary_session=${good}` }
  expect((await call('/api/stats', { headers })).status).toBe(200)
})

test('signing out takes the cookie away', async () => {
  const answer = await call('/console/session', { method: 'DELETE', headers: OWN })
  expect(answer.headers.get('set-cookie')).toContain('tributary_session=; Path=/; Max-Age=0')
})

test('the console comes from the Worker itself, under a policy that lets nothing else in', async () => {
  for (const path of ['/console', '/console/', '/console/people/userId%3Au1']) {
    const page = await call(path)
    expect(page.status).toBe(200)
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    )
    expect(page.headers.get('cache-control')).toBe('no-cache')
    const html = await page.text()
    const files = [...html.matchAll(/(?:src|href)="(\/console\/[^"]+)"/g)].map(([, file]) => file)
    expect(files).toHaveLength(2)
    for (const file of files) {
      const asset = await call(file as string)
      expect(asset.status).toBe(200)
      expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
      const etag = asset.headers.get('etag') as string
      await asset.text()
      const again = await call(file as string, { headers: { 'if-none-match': etag } })
      expect(again.status).toBe(304)
    }
  }
  expect((await call('/console/assets/none.js')).status).toBe(404)
  expect((await call('/console', { method: 'POST' })).status).toBe(405)
})

test('sources tell public keys, and of secret ones only how they begin', async () => {
  const headers = { authorization: `Bearer ${TOKEN}` }
  const answer = await call('/api/sources', { headers })
  const text = await answer.text()
  const { sources } = JSON.parse(text)
  expect(sources.find(({ id }: { id: string }) => id === 'strict')).toMatchObject({
    writeKeys: ['wk_strict'],
    serverKeys: ['sk_s…'],
  })
  expect(text).not.toContain('sk_strict')
  expect((await call('/api/sources')).status).toBe(401)
})
