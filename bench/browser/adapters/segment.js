import { AnalyticsBrowser } from '@segment/analytics-next'

let analytics

export function init({ endpoint, key }) {
  const delivery = {
    apiHost: `${endpoint.replace('http://', '')}/v1`,
    protocol: 'http',
  }
  analytics = AnalyticsBrowser.load(
    { writeKey: key, cdnURL: endpoint },
    { integrations: { 'Segment.io': delivery } },
  )
  return analytics.then(() => {})
}
export const track = (event, properties) => analytics.track(event, properties)
export const page = () => analytics.page()
