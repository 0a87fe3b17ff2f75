import mixpanel from 'mixpanel-browser/src/loaders/loader-module-core'

export function init({ endpoint, key }) {
  return new Promise((loaded) => {
    mixpanel.init(key, {
      api_host: endpoint,
      persistence: 'localStorage',
      autocapture: false,
      track_pageview: false,
      record_sessions_percent: 0,
      flags: false,
      loaded: () => loaded(),
    })
    setTimeout(loaded, 4000)
  })
}
export const track = (event, properties) => mixpanel.track(event, properties)
export const page = () => mixpanel.track_pageview()
