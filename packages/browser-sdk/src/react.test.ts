import { createElement, type ReactNode } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'
import { createInertTracker } from './inert-tracker.ts'
import { TributaryProvider, usePageViews, useTrack, useTributary } from './react.ts'

/** A component that uses every hook, and tracks while it renders, which nobody should do. */
function Everything(): ReactNode {
  const tributary = useTributary()
  usePageViews('/a')
  void useTrack()('Rendered')
  return `anonymous: ${tributary.user().anonymousId() ?? 'none'}`
}

let used: unknown

function UsesTributary(): ReactNode {
  used = useTributary()
  return null
}

test('a server renders the provider and every hook, and tracks nothing', () => {
  expect(typeof document).toBe('undefined')
  const provider = createElement(
    TributaryProvider,
    { options: { writeKey: 'wk' } },
    createElement(Everything),
  )
  expect(renderToString(provider)).toBe('anonymous: none')
})

test('a tracker of the page can be given instead of options', () => {
  const tracker = createInertTracker()
  renderToString(createElement(TributaryProvider, { tracker }, createElement(UsesTributary)))
  expect(used).toBe(tracker)
})

test('a component without a provider is told so', () => {
  expect(() => renderToString(createElement(Everything))).toThrow(
    'Tributary: there is no TributaryProvider around this component.',
  )
})
