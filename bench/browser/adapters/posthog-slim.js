import posthog from 'posthog-js/dist/module.slim'

export function init({ endpoint, key }) {
  return new Promise((loaded) => {
    posthog.init(key, {
      api_host: endpoint,
      autocapture: false,
      capture_pageview: false,
      capture_pageleave: false,
      disable_session_recording: true,
      disable_surveys: true,
      capture_performance: false,
      capture_heatmaps: false,
      advanced_disable_flags: true,
      opt_out_useragent_filter: true,
      // By default it lets ten events a second through, and of a burst a hundred.
      rate_limiting: { events_per_second: 1000, events_burst_limit: 10_000 },
      loaded: () => loaded(),
    })
    setTimeout(loaded, 4000)
  })
}
export const track = (event, properties) => posthog.capture(event, properties)
export const page = () => posthog.capture('$pageview')
