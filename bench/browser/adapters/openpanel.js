import { OpenPanel } from '@openpanel/web'

let openpanel

export function init({ endpoint, key }) {
  openpanel = new OpenPanel({ clientId: key, apiUrl: endpoint })
  return Promise.resolve()
}
export const track = (event, properties) => openpanel.track(event, properties)
export const page = () => openpanel.screenView()
