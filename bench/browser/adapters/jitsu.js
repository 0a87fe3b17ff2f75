import { jitsuAnalytics } from '@jitsu/js'

let jitsu

export function init({ endpoint, key }) {
  jitsu = jitsuAnalytics({ host: endpoint, writeKey: `${key}:secret` })
  return Promise.resolve()
}
export const track = (event, properties) => jitsu.track(event, properties)
export const page = () => jitsu.page()
