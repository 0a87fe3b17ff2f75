import { expect, test } from 'vitest'
import { TributaryBrowser } from './load.ts'

test('on a server, where there is no page, every call does nothing', async () => {
  const tracker = TributaryBrowser.load({ writeKey: 'wk' })
  expect((await tracker.track('E')).event).toBeUndefined()
  expect((await tracker.identify('u')).event).toBeUndefined()
  await tracker.register({ name: 'p' })
  tracker
    .trackLink(null, 'E')
    .trackForm(null, 'E')
    .on('error', () => {})
  tracker.reset()
  await tracker.flush()
  expect(tracker.user().id()).toBeUndefined()
  expect(tracker.stats().created).toBe(0)
})
