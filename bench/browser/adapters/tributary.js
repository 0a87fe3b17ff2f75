import { TributaryBrowser } from '@tributary/browser'

let tracker

export function init({ endpoint, key }) {
  tracker = TributaryBrowser.load({ writeKey: key, endpoint })
  return tracker.ready()
}
export const track = (event, properties) => tracker.track(event, properties)
export const page = () => tracker.page()
