import { PostHog } from 'posthog-js-lite'

let posthog

export function init({ endpoint, key }) {
  posthog = new PostHog(key, {
    host: endpoint,
    preloadFeatureFlags: false,
    disableRemoteConfig: true,
  })
  return Promise.resolve()
}
export const track = (event, properties) => posthog.capture(event, properties)
export const page = () => posthog.capture('$pageview')
