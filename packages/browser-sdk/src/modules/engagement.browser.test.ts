import type { TrackEvent } from '@tributary/protocol'
import type { Page } from 'playwright-core'
import { expect, test, vi } from 'vitest'
import { addModule, flush, useBrowser } from '../../test/real-browser.ts'

const world = useBrowser()

interface Engagement {
  path: string
  engagedMs: number
  scrollDepthPercent: number | undefined
}

/** What arrived of each view that ended, in order. */
async function engagements(page: Page): Promise<Engagement[]> {
  await flush(page)
  const tracked = world.events().filter((event) => event.type === 'track') as TrackEvent[]
  return tracked.map(({ event, properties, context }) => {
    expect(event).toBe('Page Engaged')
    return { path: context?.page?.path, ...properties } as Engagement
  })
}

/** Opens a page that is four windows high. */
async function openTall(path = '/a'): Promise<Page> {
  const page = await world.open(world.origin + path)
  await page.evaluate(() => {
    document.body.style.cssText = `margin: 0; height: ${innerHeight * 4}px`
  })
  return page
}

/** Hides the page, or shows it, as the browser does when the person takes another tab. */
async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((isHidden) => {
    Object.defineProperty(document, 'hidden', { value: isHidden, configurable: true })
    const visibilityState = isHidden ? 'hidden' : 'visible'
    Object.defineProperty(document, 'visibilityState', {
      value: visibilityState,
      configurable: true,
    })
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
  }, hidden)
}

function scrollDown(page: Page, windows: number): Promise<unknown> {
  return page.evaluate(
    (to) =>
      new Promise((resolve) => {
        addEventListener('scroll', resolve, { once: true })
        window.scrollTo(0, innerHeight * to)
      }),
    windows,
  )
}

test('a view that is hidden is told of once, and what is new when the person returns', async () => {
  const page = await openTall()
  await addModule(page, 'engagement')
  await page.waitForTimeout(300)
  await scrollDown(page, 2)
  await scrollDown(page, 1)
  await setHidden(page, true)
  await setHidden(page, true)
  await page.waitForTimeout(700)
  await setHidden(page, false)
  await page.waitForTimeout(200)
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide')))
  const [first, second, ...others] = await engagements(page)
  expect(first).toMatchObject({ path: '/a', scrollDepthPercent: 75 })
  expect(first?.engagedMs).toBeGreaterThanOrEqual(300)
  expect(second).toMatchObject({ path: '/a', scrollDepthPercent: 75 })
  expect(second?.engagedMs).toBeGreaterThanOrEqual(200)
  expect(second?.engagedMs).toBeLessThan(700)
  expect(others).toEqual([])
})

test('time without the focus is not engaged, and a view without any is not told of', async () => {
  const page = await openTall()
  await page.evaluate(() => {
    document.hasFocus = () => false
  })
  await addModule(page, 'engagement')
  await page.waitForTimeout(300)
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide')))
  expect(await engagements(page)).toEqual([])
  await page.evaluate(() => {
    document.hasFocus = () => true
    dispatchEvent(new FocusEvent('focus'))
  })
  await page.waitForTimeout(100)
  await page.evaluate(() => {
    document.hasFocus = () => false
    dispatchEvent(new FocusEvent('blur'))
  })
  await page.waitForTimeout(500)
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide')))
  const [only, ...others] = await engagements(page)
  expect(only?.engagedMs).toBeGreaterThanOrEqual(100)
  expect(only?.engagedMs).toBeLessThan(450)
  expect(others).toEqual([])
})

test('in a single-page app each view has its own time, depth and address', async () => {
  const page = await openTall('/a')
  await addModule(page, 'engagement')
  await addModule(page, 'page-views')
  await scrollDown(page, 3)
  await page.evaluate(async () => {
    history.pushState(null, '', '/b')
    // The next page is shown from its top, and the first is still being watched.
    document.body.style.height = `${innerHeight * 2}px`
    window.scrollTo(0, 0)
    await new Promise((resolve) => setTimeout(resolve, 300))
  })
  await setHidden(page, true)
  expect(await engagements(page)).toEqual([
    { path: '/a', engagedMs: expect.any(Number), scrollDepthPercent: 100 },
    { path: '/b', engagedMs: expect.any(Number), scrollDepthPercent: 50 },
  ])
  expect(world.names()).toEqual(['page', 'page', 'Page Engaged', 'Page Engaged'])
})

test('the time in the back/forward cache is not engaged', async () => {
  const page = await openTall()
  await addModule(page, 'engagement')
  await page.waitForTimeout(50)
  await page.evaluate(async () => {
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))
    await new Promise((resolve) => setTimeout(resolve, 800))
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
    await new Promise((resolve) => setTimeout(resolve, 50))
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))
  })
  const all = await engagements(page)
  expect(all).toHaveLength(2)
  expect(all[1]?.engagedMs).toBeLessThan(700)
})

test('what was engaged goes out although the page is closed', async () => {
  const page = await openTall()
  await addModule(page, 'engagement')
  await page.waitForTimeout(200)
  await page.close({ runBeforeUnload: true })
  await vi.waitFor(() => expect(world.names()).toEqual(['Page Engaged']), 5000)
  expect((world.events()[0] as TrackEvent).properties).toMatchObject({ scrollDepthPercent: 25 })
})
