import { expect, test } from 'vitest'
import { TributaryBrowser } from '../load.ts'
import { createEngagement } from './engagement.ts'
import { createErrors } from './errors.ts'
import { createInteractions } from './interactions.ts'
import { createPageViews } from './page-views.ts'
import { createWebVitals } from './web-vitals.ts'

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
