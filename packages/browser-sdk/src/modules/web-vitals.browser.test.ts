import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { TrackEvent } from '@tributary/protocol'
import type { Page } from 'playwright-core'
import { expect, test, vi } from 'vitest'
import { addModule, useBrowser } from '../../test/real-browser.ts'

const world = useBrowser()

interface Vital {
  name: string
  value: number
  rating: string
  delta: number
  id: string
  navigationType: string
}

declare global {
  /** What the library web-vitals has told of the page. */
  var theirs: Vital[]
  var webVitals: Record<`on${string}`, (tell: (vital: Vital) => void) => void>
}

/** Google's own library: our values are to be its. */
const LIBRARY = readFileSync(createRequire(import.meta.url).resolve('web-vitals'), 'utf8')

/** The last of each vital. */
function lastOf(vitals: Vital[]): Record<string, Omit<Vital, 'delta' | 'id'>> {
  return Object.fromEntries(
    vitals.map(({ name, value, rating, navigationType }) => [
      name,
      { name, value, rating, navigationType },
    ]),
  )
}

/** Of each vital, those of one visit: they share an id. */
function firstVisit(vitals: Vital[]): Vital[] {
  const idOf = (name: string) => vitals.find((vital) => vital.name === name)?.id
  return vitals.filter(({ name, id }) => id === idOf(name))
}

/** What we have told of a page, by its path. */
function ours(path: string): Vital[] {
  return (world.events() as TrackEvent[])
    .filter((event) => event.event === 'Web Vital' && event.context?.page?.path === path)
    .map((event) => event.properties as unknown as Vital)
}

/** Opens a page that is measured by both, and does what can be measured. */
async function open(): Promise<Page> {
  const page = await world.open(`${world.origin}/a`)
  await page.evaluate(LIBRARY)
  await page.evaluate(() => {
    globalThis.theirs = []
    for (const name of ['CLS', 'FCP', 'INP', 'LCP', 'TTFB'] as const) {
      webVitals[`on${name}`]?.((vital) => theirs.push({ ...vital }))
    }
    document.body.innerHTML = '<h1>Shop</h1><button>Buy</button>'
    document.querySelector('button')?.addEventListener('click', ({ clientX }) => {
      const until = performance.now() + (clientX ? 60 : 120)
      while (performance.now() < until);
    })
  })
  await addModule(page, 'web-vitals')
  return page
}

/** Leaves the page, and comes back to it by the back/forward cache. */
async function leaveAndReturn(page: Page): Promise<void> {
  await page.goto(world.origin.replace('127.0.0.1', 'localhost'))
  // Playwright waits for a `load` that a restored page does not have.
  await page.goBack({ waitUntil: 'commit' })
  await page.waitForFunction(() => globalThis.theirs?.at(-1)?.navigationType.startsWith('back'))
}

/** Clicks, and moves what is on the page about. */
async function use(page: Page, pauseMs: number): Promise<void> {
  await page.click('button')
  await page.press('button', 'Enter')
  // What follows an input at once does not count.
  await page.waitForTimeout(700)
  await page.evaluate(() => document.body.prepend(document.createElement('hr')))
  await page.waitForTimeout(pauseMs)
  await page.evaluate(() => document.body.prepend(document.createElement('hr'), 'x'))
  await page.waitForTimeout(300)
}

test('the five vitals are those of the library, also of a page that comes back from the back/forward cache', async () => {
  const page = await open()
  // Longer than the second within which shifts are one.
  await use(page, 1100)
  await leaveAndReturn(page)
  await vi.waitFor(() => expect(Object.keys(lastOf(ours('/a')))).toHaveLength(5), 5000)
  await page.waitForTimeout(300)
  const told = await page.evaluate(() => globalThis.theirs)
  const before = told.filter(({ navigationType }) => navigationType === 'navigate')
  const own = ours('/a').filter(({ navigationType }) => navigationType === 'navigate')
  expect(lastOf(own)).toEqual(lastOf(before))
  expect(lastOf(own)).toMatchObject({ INP: { value: expect.any(Number) } })
  expect(lastOf(own).INP?.value).toBeGreaterThan(100)
  expect(lastOf(own).CLS?.value).toBeGreaterThan(0)
  for (const vital of own) expect(vital.delta).toBe(vital.value)

  await use(page, 100)
  await leaveAndReturn(page)
  const isBack = ({ navigationType }: Vital): boolean => navigationType === 'back-forward-cache'
  await vi.waitFor(() => expect(lastOf(ours('/a').filter(isBack))).toHaveProperty('INP'), 5000)
  const again = lastOf(firstVisit(ours('/a').filter(isBack)))
  const library = lastOf(firstVisit((await page.evaluate(() => globalThis.theirs)).filter(isBack)))
  expect(again.CLS).toEqual(library.CLS)
  expect(again.INP).toEqual(library.INP)
  expect(again.TTFB).toMatchObject({ value: 0 })
  for (const name of ['FCP', 'LCP']) {
    expect(Math.abs((again[name]?.value ?? 1e9) - (library[name]?.value ?? 0))).toBeLessThan(100)
  }
})

test('a vital that grows after it was told is told again, with what it has grown by', async () => {
  const page = await open()
  const hide = (isHidden: boolean): Promise<void> =>
    page.evaluate((given) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => given })
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
    }, isHidden)
  for (let round = 0; round < 2; round++) {
    await page.evaluate(() => document.body.prepend(document.createElement('hr')))
    await page.waitForTimeout(round ? 400 : 1500)
    await hide(true)
    await hide(false)
    await page.evaluate(() => document.body.prepend('text', document.createElement('hr')))
    await page.waitForTimeout(300)
  }
  await hide(true)
  await vi.waitFor(() => {
    const told = ours('/a').filter(({ name }) => name === 'CLS')
    expect(told.length).toBeGreaterThan(1)
    expect(new Set(told.map(({ id }) => id)).size).toBe(1)
    const grown = told.reduce((sum, { delta }) => sum + delta, 0)
    expect(grown).toBeCloseTo(told.at(-1)?.value as number, 10)
  }, 5000)
})
