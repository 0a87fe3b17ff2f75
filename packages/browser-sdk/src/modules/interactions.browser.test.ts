import type { TrackEvent } from '@tributary/protocol'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { addModule, flush, useBrowser } from '../../test/real-browser.ts'

const world = useBrowser()

/** Opens a page with this body, whose links lead nowhere and whose forms stay. */
async function openWith(body: string, settings: Record<string, string> = {}): Promise<Page> {
  const page = await world.open(`${world.origin}/a`)
  await addModule(page, 'interactions', settings)
  await page.evaluate((html) => {
    document.body.innerHTML = html
    addEventListener('click', (event) => {
      if ((event.target as Element).closest?.('a')) event.preventDefault()
    })
    for (const kind of ['submit', 'auxclick'])
      addEventListener(kind, (event) => event.preventDefault())
  }, body)
  return page
}

/** Name and properties of each event that arrived. */
async function tracked(page: Page): Promise<unknown[]> {
  await flush(page)
  return (world.events() as TrackEvent[]).map(({ event, properties }) => [event, properties])
}

test('a click on a named element, or in it, is its event with its properties', async () => {
  const page = await openWith(`
    <section data-track="Card Clicked" data-track-list="home">
      <button data-track="Plan Chosen" data-track-plan-name="pro" data-track-product_id="7">
        <svg width="20" height="20"><circle r="20" /></svg> Choose
      </button>
      <p>Text</p>
    </section>
    <div data-track="">Nothing</div><div data-track-plan="x">Nothing either</div>`)
  await page.click('circle')
  await page.click('p')
  await page.click('[data-track=""]')
  await page.click('[data-track-plan]')
  await page.focus('button')
  await page.keyboard.press('Enter')
  await page.click('button', { button: 'right' })
  const plan = ['Plan Chosen', { planName: 'pro', product_id: '7' }]
  expect(await tracked(page)).toEqual([plan, ['Card Clicked', { list: 'home' }], plan])
})

test('a page that stops its events, and elements in shadow trees, are seen all the same', async () => {
  const page = await openWith('<x-shop></x-shop><button data-track="Stopped">Stop</button>')
  await page.evaluate(() => {
    document.querySelector('button')?.addEventListener('click', (event) => event.stopPropagation())
    const outer = document.querySelector('x-shop')?.attachShadow({ mode: 'open' })
    if (!outer) return
    outer.innerHTML = '<x-form></x-form>'
    const inner = outer.querySelector('x-form')?.attachShadow({ mode: 'open' })
    if (!inner) return
    inner.innerHTML = `
      <button id="deep" data-track="Deep Clicked">Deep</button>
      <form data-track="Deep Submitted"><input id="field"><button id="send">Send</button></form>`
    inner.querySelector('form')?.addEventListener('submit', (event) => event.preventDefault())
  })
  await page.click('button[data-track=Stopped]')
  await page.click('#deep')
  await page.focus('#field')
  await page.keyboard.press('Enter')
  await page.click('#send')
  expect(await tracked(page)).toEqual([
    ['Stopped', {}],
    ['Deep Clicked', {}],
    ['Deep Submitted', {}],
    ['Deep Submitted', {}],
  ])
})

test('a named form is its event when it is submitted, and only then', async () => {
  const page = await openWith(`
    <form data-track="Newsletter Joined" data-track-place="footer">
      <input name="email" required><button>Join</button>
    </form>`)
  await page.click('button')
  expect(await tracked(page)).toEqual([])
  await page.fill('input', 'ann@shop.example')
  await page.click('button')
  expect(await tracked(page)).toEqual([['Newsletter Joined', { place: 'footer' }]])
  expect(JSON.stringify(world.events())).not.toContain('ann@')
})

test('a click on a label and the one that it makes on its control are one', async () => {
  const page = await openWith(`
    <label data-track="Terms Accepted"><input type="checkbox"><span>I accept</span></label>
    <label for="far" data-track="Far Clicked">Far</label><input id="far" type="checkbox">`)
  await page.click('span')
  await page.click('input')
  await page.click('[for=far]')
  expect(await tracked(page)).toEqual([
    ['Terms Accepted', {}],
    ['Terms Accepted', {}],
    ['Far Clicked', {}],
  ])
})

test('links to other hosts and to files are told of without their queries', async () => {
  const page = await openWith(`
    <a id="out" href="https://other.example/p?email=ann@shop.example#x"><b>Other</b></a>
    <a id="in" href="/b">Same</a>
    <a id="mail" href="mailto:ann@shop.example">Mail</a>
    <a id="file" href="/files/Report.PDF?token=x">Report</a>
    <a id="far-file" href="https://other.example/a.zip">Archive</a>
    <a id="named" href="/report" download>Download</a>
    <a id="tagged" href="https://other.example/" data-track="Partner Visited">Partner</a>
    <svg width="9" height="9"><a href="https://other.example/"><circle r="9" /></a></svg>`)
  for (const id of ['out', 'in', 'mail', 'file', 'far-file', 'named', 'tagged']) {
    await page.click(`#${id}`)
  }
  await page.click('circle')
  await page.click('#out', { button: 'middle' })
  await page.click('#out', { button: 'right' })
  const { origin } = world
  const out = ['Outbound Link Clicked', { url: 'https://other.example/p', host: 'other.example' }]
  expect(await tracked(page)).toEqual([
    out,
    ['File Downloaded', { url: `${origin}/files/Report.PDF`, extension: 'pdf' }],
    ['File Downloaded', { url: 'https://other.example/a.zip', extension: 'zip' }],
    ['File Downloaded', { url: `${origin}/report`, extension: '' }],
    ['Partner Visited', {}],
    out,
  ])
})

test('the page says which files are downloads', async () => {
  const page = await openWith('<a id="a" href="/a.pdf">A</a><a id="b" href="/b.gpx">B</a>', {
    downloads: 'gpx, .KML',
  })
  await page.click('#a')
  await page.click('#b')
  expect(await tracked(page)).toEqual([
    ['File Downloaded', { url: `${world.origin}/b.gpx`, extension: 'gpx' }],
  ])
})

const SENSITIVE = `
  <button id="buy" name="buy" type="button">Buy for <b>ann@shop.example</b>, card 4111 1111 1111 1111</button>
  <a id="account" href="/account?token=secret">Account</a>
  <button id="icon" aria-label="Close"><svg width="9" height="9"></svg></button>
  <div contenteditable><button id="editing" type="button">private draft</button></div>
  <button id="mixed" type="button">Note <textarea>private note</textarea>
    <span contenteditable>private too</span><span data-track-ignore>private name</span></button>
  <input id="value" type="submit" value="private value">
  <p id="text">private paragraph</p>
  <div data-track-ignore><button id="ignored">private button</button>
    <a id="ignored-link" href="https://private.example">private</a>
    <form data-track="Private"><button id="ignored-form">private</button></form></div>
  <input id="password" type="PASSWORD" data-track="Private">
  <input id="card" autocomplete="billing cc-number" data-track="Private">
  <form id="checkout" name="checkout" action="/pay?secret"><input name="id" value="private">
    <button id="pay">Pay</button></form>`

const SENSITIVE_IDS = [
  'buy',
  'account',
  'icon',
  'editing',
  'mixed',
  'value',
  'text',
  'ignored',
  'ignored-link',
  'ignored-form',
  'password',
  'card',
  'pay',
]

test('autocapture takes links, buttons and forms, and nothing that a person has typed', async () => {
  const page = await openWith(SENSITIVE, { autocapture: '' })
  for (const id of SENSITIVE_IDS) await page.click(`#${id}`, { position: { x: 2, y: 2 } })
  const clicked = (properties: object) => ['Element Clicked', { tag: 'button', ...properties }]
  expect(await tracked(page)).toEqual([
    clicked({ id: 'buy', name: 'buy', type: 'button', text: 'Buy for *** , card ***' }),
    clicked({ tag: 'a', id: 'account', text: 'Account', url: `${world.origin}/account` }),
    clicked({ id: 'icon', text: 'Close' }),
    clicked({ id: 'editing', type: 'button', text: '' }),
    clicked({ id: 'mixed', type: 'button', text: 'Note' }),
    clicked({ tag: 'input', id: 'value', type: 'submit', text: '' }),
    clicked({ id: 'pay', text: 'Pay' }),
    ['Form Submitted', { id: 'checkout', name: 'checkout' }],
  ])
  expect(JSON.stringify(world.events())).not.toMatch(/private|secret|ann@|4111/i)
})

test('with masking, no text of the page is taken at all', async () => {
  const page = await openWith(SENSITIVE, { autocapture: '', maskText: '' })
  for (const id of SENSITIVE_IDS) await page.click(`#${id}`, { position: { x: 2, y: 2 } })
  const all = await tracked(page)
  expect(all).toHaveLength(8)
  expect(all[2]).toEqual(['Element Clicked', { tag: 'button', id: 'icon' }])
  expect(JSON.stringify(all)).not.toMatch(/Buy for|Close|"text"/)
})

test('without autocapture, only what is named or leads away is tracked', async () => {
  for (const settings of [{}, { autocapture: 'false' }]) {
    const page = await openWith(SENSITIVE, settings as Record<string, string>)
    for (const id of SENSITIVE_IDS) await page.click(`#${id}`, { position: { x: 2, y: 2 } })
    expect(await tracked(page)).toEqual([])
  }
})

test('a field with the name of a method breaks nothing', async () => {
  const page = await openWith(
    `<form><input name="matches">
    <button id="send">Send</button></form><button id="next" data-track="Next">Next</button>`,
    {
      autocapture: '',
    },
  )
  const thrown: Error[] = []
  page.on('pageerror', (error) => thrown.push(error))
  await page.evaluate(() => document.getElementById('send')?.click())
  await page.click('#next')
  expect(await tracked(page)).toEqual([['Next', {}]])
  expect(thrown).toEqual([])
})

test('a click that leaves the page is not lost', async () => {
  const page = await world.open(`${world.origin}/a`)
  await addModule(page, 'interactions')
  const other = world.origin.replace('127.0.0.1', 'localhost')
  await page.evaluate((url) => {
    document.body.innerHTML = `<a href="${url}/elsewhere">Elsewhere</a>`
  }, other)
  await page.click('a')
  await page.waitForURL(`${other}/elsewhere`)
  await expect.poll(() => world.names(), { timeout: 5000 }).toContain('Outbound Link Clicked')
})
