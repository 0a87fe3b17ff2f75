/** Control: no SDK, one `fetch` with keepalive an event. What the platform alone does. */

let address

export function init({ endpoint }) {
  address = `${endpoint}/v1/t`
  return Promise.resolve()
}
export function track(event, properties) {
  const body = JSON.stringify({ messageId: crypto.randomUUID(), event, properties })
  fetch(address, { method: 'POST', keepalive: true, body }).catch(() => {})
}
export const page = () => {}
