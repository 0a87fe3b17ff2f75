import { TributaryBrowser } from '@tributary/browser'
import { createEngagement } from '@tributary/browser/engagement'
import { createErrors } from '@tributary/browser/errors'
import { createInteractions } from '@tributary/browser/interactions'
import { createPageViews } from '@tributary/browser/page-views'
import { createWebVitals } from '@tributary/browser/web-vitals'
import { expect, test } from 'vitest'

test('on a server, the optional parts can be made and registered, and do nothing', async () => {
  expect(typeof document).toBe('undefined')
  const tracker = TributaryBrowser.load({ writeKey: 'wk' })
  await tracker.register(
    createPageViews(),
    createEngagement(),
    createInteractions({ autocapture: true }),
    createWebVitals(),
    createErrors(),
  )
  expect(tracker.stats().created).toBe(0)
})
