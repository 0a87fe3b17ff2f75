import { RudderAnalytics } from '@rudderstack/analytics-js/bundled'

const rudderstack = new RudderAnalytics()

export function init({ endpoint, key }) {
  rudderstack.load(key, endpoint, {
    configUrl: endpoint,
    logLevel: 'ERROR',
  })
  return new Promise((loaded) => {
    rudderstack.ready(() => loaded())
    setTimeout(loaded, 4000)
  })
}
export const track = (event, properties) => rudderstack.track(event, properties)
export const page = () => rudderstack.page()
