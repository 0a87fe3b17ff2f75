import { newTracker, trackPageView, trackSelfDescribingEvent } from '@snowplow/browser-tracker'

export function init({ endpoint }) {
  newTracker('sp', endpoint, { appId: 'bench', encodeBase64: false })
  return Promise.resolve()
}
export const track = (event, properties) =>
  trackSelfDescribingEvent({
    event: { schema: `iglu:com.acme/${event}/jsonschema/1-0-0`, data: properties },
  })
export const page = () => trackPageView()
