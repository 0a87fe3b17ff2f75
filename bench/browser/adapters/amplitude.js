import * as amplitude from '@amplitude/analytics-browser'

export function init({ endpoint, key }) {
  return amplitude.init(key, {
    serverUrl: `${endpoint}/2/httpapi`,
    autocapture: false,
    fetchRemoteConfig: false,
    remoteConfig: { fetchRemoteConfig: false },
    enableDiagnostics: false,
  }).promise
}
export const track = (event, properties) => amplitude.track(event, properties)
export const page = () =>
  amplitude.track('[Amplitude] Page Viewed', { path: globalThis.location.pathname })
