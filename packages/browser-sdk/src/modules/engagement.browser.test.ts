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

/** What arrived of each view that ended, in order, once there are `count` of them. */
async function engagements(page: Page, count: number): Promise<Engagement[]> {
  await vi.waitFor(async () => {
    await flush(page)
    const { length } = world.events().filter(({ type }) => type === 'track')
    expect(length).toBeGreaterThanOrEqual(count)
  }, 5000)
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

/** Hides the page, or shows it, as when the person takes another tab. Returns the page's own time of it, milliseconds. */
function setHidden(page: Page, hidden: boolean): Promise<number> {
  return page.evaluate((isHidden) => {
    const visibilityState = isHidden ? 'hidden' : 'visible'
    for (const [name, value] of Object.entries({ hidden: isHidden, visibilityState })) {
      Object.defineProperty(document, name, { value, configurable: true })
    }
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
    return performance.now()
  }, hidden)
}

/** Gives the page the focus, or takes it away. Returns the page's own time of it. */
function setFocus(page: Page, focused: boolean): Promise<number> {
  return page.evaluate((isFocused) => {
    document.hasFocus = () => isFocused
    dispatchEvent(new FocusEvent(isFocused ? 'focus' : 'blur'))
    return performance.now()
  }, focused)
}

/** The page goes, into the back/forward cache, or comes back from there. Returns the page's own time of it. */
function turn(page: Page, type: 'pagehide' | 'pageshow'): Promise<number> {
  return page.evaluate((name) => {
    dispatchEvent(new PageTransitionEvent(name, { persisted: true }))
    return performance.now()
  }, type)
}

/** What may lie between an event and the time that is taken of it, on a busy machine. */
const TOLERANCE_MS = 100

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
  const loadedAtMs = await page.evaluate(() => performance.now())
  await page.waitForTimeout(300)
  await scrollDown(page, 2)
  await scrollDown(page, 1)
  const hiddenAtMs = await setHidden(page, true)
  await setHidden(page, true)
  await page.waitForTimeout(500)
  const shownAtMs = await setHidden(page, false)
  await page.waitForTimeout(200)
  const leftAtMs = await turn(page, 'pagehide')
  const [first, second, ...others] = await engagements(page, 2)
  expect(first).toMatchObject({ path: '/a', scrollDepthPercent: 75 })
  expect(first?.engagedMs).toBeGreaterThan(hiddenAtMs - loadedAtMs - TOLERANCE_MS)
  expect(second).toMatchObject({ path: '/a', scrollDepthPercent: 75 })
  expect(Math.abs(Number(second?.engagedMs) - (leftAtMs - shownAtMs))).toBeLessThan(TOLERANCE_MS)
  expect(others).toEqual([])
})

test('time without the focus is not engaged, and a view without any is not told of', async () => {
  const page = await openTall()
  await setFocus(page, false)
  await addModule(page, 'engagement')
  await page.waitForTimeout(300)
  await turn(page, 'pagehide')
  expect(await engagements(page, 0)).toEqual([])
  const focusedAtMs = await setFocus(page, true)
  await page.waitForTimeout(200)
  const blurredAtMs = await setFocus(page, false)
  await page.waitForTimeout(500)
  await turn(page, 'pagehide')
  const [only, ...others] = await engagements(page, 1)
  expect(Math.abs(Number(only?.engagedMs) - (blurredAtMs - focusedAtMs))).toBeLessThan(TOLERANCE_MS)
  expect(others).toEqual([])
})

test('in a single-page app each view has its own time, depth and address', async () => {
  const page = await openTall('/a')
  await addModule(page, 'engagement')
  await addModule(page, 'page-views')
  await scrollDown(page, 1)
  await page.evaluate(async () => {
    history.pushState(null, '', '/b')
    // The next page is shown from its top, and the first is still being watched.
    document.body.style.height = `${innerHeight * 1.25}px`
    window.scrollTo(0, 0)
    await new Promise((resolve) => setTimeout(resolve, 300))
  })
  // A view that is not scrolled is looked at before it goes.
  await page.keyboard.press('Shift')
  await page.evaluate(async () => {
    history.pushState(null, '', '/c')
    document.body.style.height = '1px'
    await new Promise((resolve) => setTimeout(resolve, 300))
  })
  await setHidden(page, true)
  expect(await engagements(page, 3)).toEqual([
    { path: '/a', engagedMs: expect.any(Number), scrollDepthPercent: 50 },
    { path: '/b', engagedMs: expect.any(Number), scrollDepthPercent: 80 },
    { path: '/c', engagedMs: expect.any(Number), scrollDepthPercent: 100 },
  ])
  expect(
    world
      .events()
      .map(({ type }) => type)
      .sort(),
  ).toEqual([...Array(3).fill('page'), ...Array(3).fill('track')])
})

test('the time in the back/forward cache is not engaged', async () => {
  const page = await openTall()
  await addModule(page, 'engagement')
  await page.waitForTimeout(50)
  await turn(page, 'pagehide')
  await page.waitForTimeout(500)
  const shownAtMs = await turn(page, 'pageshow')
  await page.waitForTimeout(50)
  const leftAtMs = await turn(page, 'pagehide')
  const all = await engagements(page, 2)
  expect(all).toHaveLength(2)
  expect(Math.abs(Number(all[1]?.engagedMs) - (leftAtMs - shownAtMs))).toBeLessThan(TOLERANCE_MS)
})

test('what was engaged goes out although the page is closed', async () => {
  const page = await openTall()
  await addModule(page, 'engagement')
  await page.waitForTimeout(200)
  await page.close({ runBeforeUnload: true })
  await vi.waitFor(() => expect(world.names()).toEqual(['Page Engaged']), 5000)
  expect((world.events()[0] as TrackEvent).properties).toMatchObject({ scrollDepthPercent: 25 })
})
