import { expect, test } from 'vitest'
import { callApi, type Event } from './collector.ts'
import { useVisit } from './visit.ts'

/** What a page adds to the script tag for the optional parts. The shop makes its first page call itself. */
const ATTRIBUTES =
  ' data-modules="page-views engagement interactions web-vitals errors" data-page-views="changes"'

const visit = useVisit()

test('what the optional parts capture of a visit is stored, each event once, and none is refused', async () => {
  const { url } = visit.collector
  const tab = await visit.browser.newPage()
  await tab.route('**/product.html*', async (route) => {
    const html = await (await route.fetch()).text()
    const body = html.replace(' data-write-key', `${ATTRIBUTES} data-write-key`)
    await route.fulfill({ contentType: 'text/html', body })
  })
  await tab.goto(`${url}/product.html?id=none`, { waitUntil: 'networkidle' })
  const away = url.replace('127.0.0.1', 'localhost')
  await tab.evaluate((elsewhere) => {
    history.pushState(null, '', '/product.html?id=7')
    document.body.insertAdjacentHTML(
      'beforeend',
      `<button id="ask" data-track="Question Asked" data-track-topic="size">Ask</button>
      <a id="away" href="${elsewhere}/cart.html?email=ada@example.com">Partner</a>`,
    )
    setTimeout(() => {
      throw new Error('broken')
    })
  }, away)
  await tab.click('#ask')
  await visit.waitForEvents(4)
  // The last of it is tracked while the page goes, and the first page of the next visit finds what did not arrive.
  await tab.click('#away')
  await tab.waitForURL(`${away}/cart.html**`)
  await tab.goto(`${url}/cart.html`)

  const expected = ['Question Asked', 'Error Occurred', 'Outbound Link Clicked']
  const find = async (name: string): Promise<Event[]> =>
    (await visit.events()).filter(({ type, event }) => (event ?? type) === name)
  for (const name of expected) {
    await expect.poll(() => find(name), { message: name, timeout: 20_000 }).toHaveLength(1)
  }
  // One for each view: the first ended when the address changed, the second when the page was left.
  const engaged = async () => (await find('Page Engaged')).map(({ context }) => context.page.search)
  await expect.poll(engaged, { timeout: 20_000 }).toEqual(['?id=none', '?id=7'])
  const vitals = async () => (await find('Web Vital')).map(({ properties }) => properties.name)
  await expect
    .poll(async () => (await vitals()).sort(), { timeout: 20_000 })
    .toEqual(expect.arrayContaining(['CLS', 'FCP', 'INP', 'LCP', 'TTFB']))

  const view = (await find('page')).find(({ context }) => context.page.search === '?id=7')
  expect(view?.properties).toMatchObject({
    path: '/product.html',
    referrer: `${url}/product.html?id=none`,
  })
  expect(view?.context.page.referrer).toBe(`${url}/product.html?id=none`)
  expect((await find('Question Asked'))[0]?.properties).toEqual({ topic: 'size' })
  expect((await find('Outbound Link Clicked'))[0]?.properties.url).toBe(`${away}/cart.html`)
  const events = await visit.events()
  expect(new Set(events.map(({ messageId }) => messageId)).size).toBe(events.length)
  const quarantine = await (await callApi(url, '/api/quarantine')).json()
  expect(quarantine).toMatchObject({ quarantine: [] })
})
