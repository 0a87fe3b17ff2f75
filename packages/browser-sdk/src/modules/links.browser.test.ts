import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { addModule } from '../../test/add-module.ts'
import { useBrowser } from '../../test/real-browser.ts'
import { LINK_PARAMETER, landingIds } from '../core/landing-ids.ts'

const world = useBrowser()

/** The same server under another name: another origin and another site. */
function elsewhere(path: string, host = 'localhost'): string {
  return `${world.origin.replace('127.0.0.1', host)}${path}`
}

async function openWithLinks(body: string, settings: Record<string, string> = {}): Promise<Page> {
  const page = await world.open()
  await addModule(page, 'links', { linkDomains: 'shop.example, localhost', ...settings })
  await page.evaluate((html) => {
    document.body.innerHTML = html
  }, body)
  return page
}

function anonymousIdOf(page: Page): Promise<string | undefined> {
  return page.evaluate(() => tributary.user().anonymousId())
}

/** Does what makes the page go to an address with this path, and returns that address as it was asked for. */
async function addressOf(page: Page, path: string, use: () => Promise<void>): Promise<string> {
  const [request] = await Promise.all([page.waitForRequest(`**${path}?*`), use()])
  return request.url()
}

/** What the address brings to the tracker there, if that starts now. */
function idsIn(address: string) {
  return landingIds(new URL(address).search, Date.now())
}

test('a link to a configured domain takes the anonymous id along, and leaves the rest as it is', async () => {
  const page = await openWithLinks(`<a href="${elsewhere('/b?q=%20+x&sig=a%2Fb#top')}">Shop</a>`)
  const anonymousId = await anonymousIdOf(page)
  expect(await page.locator('a').getAttribute('href')).toBe(elsewhere('/b?q=%20+x&sig=a%2Fb#top'))
  const address = await addressOf(page, '/b', () => page.click('a'))
  expect(idsIn(address)).toEqual({ anonymousId, userId: undefined })
  expect(address).toMatch(/\/b\?q=%20\+x&sig=a%2Fb&tributary_link=[^&]+$/)
  await page.waitForURL('**#top')
})

test('every way of using a link decorates it, once', async () => {
  const page = await openWithLinks(
    `<a href="${elsewhere('/b')}">Shop</a><div id="host"></div><map name="m">
    <area href="${elsewhere('/b')}" shape="rect" coords="0,0,50,50"></map><img usemap="#m" width="50" height="50" alt="">`,
  )
  await page.evaluate((href) => {
    const root = document.querySelector('#host')?.attachShadow({ mode: 'open' })
    if (root) root.innerHTML = `<a class="deep" href="${href}"><b>Deep</b></a>`
    addEventListener('click', (event) => event.preventDefault())
    addEventListener('auxclick', (event) => event.preventDefault())
  }, elsewhere('/b'))
  const link = page.locator('a').first()
  const seen = new Set<string>()
  for (const use of [
    () => link.click(),
    () => link.click({ button: 'middle' }),
    () => link.click({ button: 'right' }),
    () => link.press('Enter'),
    () => link.dispatchEvent('mousedown'),
  ]) {
    await page.waitForTimeout(2)
    await use()
    const href = (await link.getAttribute('href')) as string
    expect(href.split(LINK_PARAMETER)).toHaveLength(2)
    expect(idsIn(href).anonymousId).toBe(await anonymousIdOf(page))
    seen.add(href)
  }
  expect(seen.size).toBe(5)
  for (const other of [page.locator('.deep b'), page.locator('img')]) {
    await other.click({ force: true })
  }
  for (const name of ['.deep', 'area']) {
    expect(await page.locator(name).getAttribute('href')).toContain(LINK_PARAMETER)
  }
})

test('links that lead elsewhere, or nowhere, are left alone', async () => {
  const hrefs = [
    '/inside',
    'https://notlocalhost/',
    'https://localhost.evil.example/',
    'https://shop.example.evil.example/',
    'https://xshop.example/',
    'https://localhost@evil.example/',
    'mailto:a@localhost',
    'javascript:void 0//localhost',
    'http://[/',
    '',
  ]
  const links = hrefs.map((href) => `<p><a href="${href}">Link</a></p>`)
  const page = await openWithLinks(`${links.join('')}<p><a>None</a></p>`)
  const errors: Error[] = []
  page.on('pageerror', (error) => errors.push(error))
  await page.evaluate(() => addEventListener('click', (event) => event.preventDefault()))
  for (const link of await page.locator('a').all()) await link.click()
  const after = await page.locator('a').evaluateAll((all) => all.map((a) => a.getAttribute('href')))
  expect(after).toEqual([...hrefs, null])
  expect(errors).toEqual([])
})

test('a subdomain is part of its domain', async () => {
  const page = await openWithLinks('<a href="https://eu.shop.example/x">Shop</a>')
  await page.evaluate(() => addEventListener('click', (event) => event.preventDefault()))
  await page.click('a')
  expect(await page.locator('a').getAttribute('href')).toContain(`?${LINK_PARAMETER}=`)
})

test('a form by GET sends the id with its fields, and shows it to nobody else', async () => {
  const page = await openWithLinks(`<form action="${elsewhere('/search?old=1')}">
    <input name="q" value="a b"><input name="action"><input name="method" value="post"><button>Go</button></form>`)
  const anonymousId = await anonymousIdOf(page)
  const own = await page.evaluate(() => {
    const form = document.querySelector('form') as HTMLFormElement
    return [...new FormData(form).keys()]
  })
  expect(own).toEqual(['q', 'action', 'method'])
  const address = await addressOf(page, '/search', () => page.click('button'))
  expect(address).toContain('?q=a+b&action=&method=post&')
  expect(idsIn(address).anonymousId).toBe(anonymousId)
})

test('a form that posts, stays here, or is not submitted by the browser sends nothing more', async () => {
  const page = await openWithLinks(`
    <form method="post" action="${elsewhere('/post')}"><button>Post</button></form>
    <form method="post" action="${elsewhere('/post')}"><button formmethod="get" formaction="/here">Here</button></form>
    <form id="prevented" action="${elsewhere('/get')}"><button>Prevented</button></form>`)
  const keys = await page.evaluate(() => {
    const seen: string[] = []
    addEventListener('formdata', (event) => seen.push(...event.formData.keys()))
    const prevented = document.querySelector<HTMLFormElement>('#prevented')
    prevented?.addEventListener('submit', (event) => {
      event.preventDefault()
      seen.push(...new FormData(prevented).keys())
    })
    prevented?.requestSubmit()
    for (const form of document.forms) {
      form.target = 'elsewhere'
      form.querySelector('button')?.click()
    }
    return seen
  })
  expect(keys).toEqual([])
  const other = await openWithLinks(`
    <form method="post" action="/here"><button formmethod="get" formaction="${elsewhere('/get')}">Get</button></form>`)
  const anonymousId = await anonymousIdOf(page)
  const address = await addressOf(other, '/get', () => other.click('button'))
  expect(idsIn(address).anonymousId).toBe(anonymousId)
})

test('the user id goes along only where that was asked for', async () => {
  const body = `<a href="${elsewhere('/b')}">Shop</a>`
  for (const [linkUserId, expected] of [
    ['true', 'ä@b.example'],
    ['', 'ä@b.example'],
    ['false', undefined],
  ] as const) {
    const page = await openWithLinks(body, { linkUserId })
    await page.evaluate(() => tributary.identify('ä@b.example'))
    const address = await addressOf(page, '/b', () => page.click('a'))
    expect(idsIn(address).userId).toBe(expected)
    expect(address).not.toContain('example')
  }
})
