import { createElement } from 'react'
import type { plan } from '../test/plans/zod.ts'
import type { Tracker } from './index.ts'
import { createHooks, TributaryProvider, useTrack, useTributary } from './react.ts'

declare const tracker: Tracker

createElement(TributaryProvider, { tracker })
createElement(TributaryProvider, { options: { writeKey: 'wk' } }, 'child')
// @ts-expect-error: a tracker or options
createElement(TributaryProvider, {})
// @ts-expect-error: not both
createElement(TributaryProvider, { tracker, options: { writeKey: 'wk' } })
// @ts-expect-error: the write key is required
createElement(TributaryProvider, { options: {} })

const hooks = createHooks<typeof plan>()

export function Component(): null {
  void hooks.useTrack()('List Viewed', { filter: 'new' })
  void hooks.useTributary().track('Signed Out')
  void hooks.useTributary().identify('u1')
  // @ts-expect-error: an event that the plan has not
  void hooks.useTrack()('List View')
  // @ts-expect-error: a property of another type
  void hooks.useTrack()('List Viewed', { filter: 1 })

  void useTrack<typeof plan>()('List Viewed')
  // @ts-expect-error: an event that the plan has not
  void useTrack<typeof plan>()('List View')

  // Without a plan, any event goes.
  void useTrack()('Anything', { n: 1 })
  void useTributary().track('Anything')
  return null
}
