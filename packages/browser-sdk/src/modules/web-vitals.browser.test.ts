import type { TrackEvent } from '@tributary/protocol'
import { expect, test, vi } from 'vitest'
import { addModule, useBrowser } from '../../test/real-browser.ts'

const world = useBrowser()

test('the five vitals of a page arrive when it is left, at the latest', async () => {
  const page = await world.open(`${world.origin}/a`)
  await page.evaluate(() => {
    document.body.innerHTML = '<h1>Shop</h1><button>Buy</button>'
    document.querySelector('button')?.addEventListener('click', () => {
      const until = performance.now() + 60
      while (performance.now() < until);
    })
  })
  await addModule(page, 'web-vitals')
  await page.click('button')
  await page.evaluate(() => document.body.prepend(document.createElement('hr')))
  await page.waitForTimeout(300)
  await page.goto('about:blank')
  await world.open(`${world.origin}/b`)
  await vi.waitFor(() => {
    const vitals = new Map(
      (world.events() as TrackEvent[]).map((event) => {
        expect(event).toMatchObject({ event: 'Web Vital', context: { page: { path: '/a' } } })
        return [event.properties?.name as string, event.properties ?? {}]
      }),
    )
    expect([...vitals.keys()].sort()).toEqual(['CLS', 'FCP', 'INP', 'LCP', 'TTFB'])
    for (const [name, vital] of vitals) {
      expect(Object.keys(vital).sort()).toEqual(
        ['delta', 'id', 'name', 'navigationType', 'rating', 'value'].sort(),
      )
      expect(vital).toMatchObject({
        name,
        rating: expect.stringMatching(/^(good|needs-improvement|poor)$/),
        navigationType: 'navigate',
        delta: vital.value,
      })
    }
    expect(vitals.get('INP')?.value).toBeGreaterThan(50)
  }, 5000)
})
