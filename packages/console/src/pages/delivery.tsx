import type { JSX } from 'preact'

export function DeliveryPage(): JSX.Element {
  return <h1>Delivery</h1>
}
