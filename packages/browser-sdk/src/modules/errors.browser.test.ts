import type { TrackEvent } from '@tributary/protocol'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { addModule, flush, useBrowser } from '../../test/real-browser.ts'

const world = useBrowser()

/** Properties of the errors that arrived. */
async function errors(page: Page): Promise<Record<string, unknown>[]> {
  await page.waitForTimeout(50)
  await flush(page)
  return (world.events() as TrackEvent[]).map(({ event, properties }) => {
    expect(event).toBe('Error Occurred')
    return properties as Record<string, unknown>
  })
}

async function openWatched(): Promise<Page> {
  const page = await world.open()
  await addModule(page, 'errors')
  return page
}

test('an uncaught error is told with its place, without the queries of its addresses', async () => {
  const page = await openWatched()
  await page.evaluate(() => {
    const code =
      'setTimeout(function failing() { throw new TypeError("no https://a.example/?q=x") })'
    const script = document.createElement('script')
    script.textContent = `${code}\n//# sourceURL=https://cdn.example/app.js?token=secret`
    document.head.append(script)
  })
  const [error, ...others] = await errors(page)
  expect(error).toEqual({
    message: 'TypeError: no https://a.example/',
    source: 'https://cdn.example/app.js',
    line: 1,
    column: expect.any(Number),
    stack: expect.stringMatching(/failing \(https:\/\/cdn\.example\/app\.js:1:\d+\)/),
    kind: 'error',
    repeats: 0,
  })
  expect(others).toEqual([])
})

test('an unhandled rejection is told, whatever it was rejected with', async () => {
  const page = await openWatched()
  await page.evaluate(() => {
    void Promise.reject(new RangeError('far'))
    void Promise.reject('text')
    void Promise.reject(undefined)
    Promise.reject(new Error('handled')).catch(() => {})
  })
  expect(await errors(page)).toEqual([
    { message: 'RangeError: far', stack: expect.any(String), kind: 'rejection', repeats: 0 },
    { message: 'text', kind: 'rejection', repeats: 0 },
    { message: 'undefined', kind: 'rejection', repeats: 0 },
  ])
})

test('an error that repeats is told once, and how often when the page is left', async () => {
  const page = await openWatched()
  await page.evaluate(async () => {
    for (let index = 0; index < 5; index++) {
      setTimeout(() => {
        throw new Error('again')
      })
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  })
  expect(await errors(page)).toMatchObject([{ message: 'Error: again', repeats: 0 }])
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide')))
  expect(await errors(page)).toMatchObject([
    { repeats: 0 },
    { message: 'Error: again', repeats: 3 },
  ])
})

test('a page in an endless loop of errors tells of twenty', async () => {
  const page = await openWatched()
  await page.evaluate(async () => {
    for (let index = 0; index < 50; index++) void Promise.reject(new Error(`${index}`))
  })
  expect(await errors(page)).toHaveLength(20)
})

test('what goes wrong while an error is told does not make another', async () => {
  const page = await openWatched()
  await page.evaluate(() => {
    let count = 0
    tributary.on('recorded', () => reportError(new Error(`of a listener ${count++}`)))
    setTimeout(() => {
      throw new Error('of the page')
    })
    dispatchEvent(new Event('error'))
  })
  expect(await errors(page)).toMatchObject([
    { message: 'undefined', source: '' },
    { message: 'Error: of the page' },
  ])
})
