import { expect, test } from 'vitest'
import { addModule } from '../../test/add-module.ts'
import { flush, track, useBrowser } from '../../test/real-browser.ts'

const world = useBrowser()

/** What the browser itself answers. */
function browserAnswer(hints: string[]): Promise<object> {
  return world.context.pages()[0]?.evaluate(
    (hints) =>
      // @ts-expect-error: TypeScript knows no client hints
      navigator.userAgentData.getHighEntropyValues(hints),
    hints,
  ) as Promise<object>
}

test('events of every type carry what the browser tells of itself on demand', async () => {
  const page = await world.open()
  await addModule(page, 'client-hints')
  const answer = await browserAnswer([
    'platformVersion',
    'model',
    'architecture',
    'bitness',
    'fullVersionList',
  ])
  expect(answer).toHaveProperty('fullVersionList')
  await page.evaluate(() => {
    void tributary.page()
    void tributary.identify('u1')
    void tributary.group('g1')
    void tributary.screen('S')
    void tributary.alias('u2')
    void tributary.track('E', {}, { context: { ip: '0.0.0.0' } })
  })
  await flush(page)
  const events = world.requests.flat()
  expect(events).toHaveLength(6)
  for (const { context } of events) expect(context?.userAgentData).toEqual(answer)
  expect(events[5]?.context).toMatchObject({ ip: '0.0.0.0', locale: 'en-US' })
})

test('the script tag names the hints', async () => {
  const page = await world.open()
  await addModule(page, 'client-hints', { clientHints: 'bitness, wow64,unknown' })
  const answer = await browserAnswer(['bitness', 'wow64'])
  await track(page, 'E')
  await flush(page)
  expect(world.requests[0]?.[0]?.context?.userAgentData).toEqual(answer)
  expect(answer).not.toHaveProperty('model')
})

test.for([
  ['forbids', 'NavigatorUAData.prototype.getHighEntropyValues = () => Promise.reject(new Error())'],
  ['has no', 'delete Navigator.prototype.userAgentData'],
])('where the browser %s client hints, events go without', async ([, script = '']) => {
  await world.context.addInitScript(script)
  const page = await world.open()
  const errors: Error[] = []
  page.on('pageerror', (error) => errors.push(error))
  await addModule(page, 'client-hints')
  await track(page, 'E')
  await flush(page)
  expect(world.requests[0]?.[0]?.context?.userAgentData ?? {}).not.toHaveProperty('bitness')
  expect(errors).toEqual([])
})
