import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { pathOf } from '../core/pages.ts'
import {
  deliveryOf,
  factsOf,
  identifierOf,
  replacedIn,
  type StoredEvent,
  titleOf,
} from '../core/stored-event.ts'
import { Code } from './code.tsx'
import { Facts } from './facts.tsx'

interface DetailProps {
  event: StoredEvent
  onClose: () => void
}

/** All that is known of one event. */
export function EventDetail({ event, onClose }: DetailProps): JSX.Element {
  useEffect(() => {
    const close = ({ key }: KeyboardEvent) => key === 'Escape' && onClose()
    addEventListener('keydown', close)
    return () => removeEventListener('keydown', close)
  }, [onClose])
  const delivery = deliveryOf(event)
  const replaced = replacedIn(event)
  const identifier = identifierOf(event)
  return (
    <section class="detail" aria-label="Event">
      <header>
        <h2>{titleOf(event)}</h2>
        <button type="button" onClick={onClose} aria-keyshortcuts="Escape">
          Close
        </button>
      </header>
      <Facts facts={factsOf(event)} />
      {identifier && <a href={pathOf('people', identifier)}>Whose it is: {identifier}</a>}
      <h3>Delivery</h3>
      {delivery.length > 0 ? (
        <Facts facts={delivery} />
      ) : (
        <p class="quiet">This client does not count its events.</p>
      )}
      <h3>What the collector replaced</h3>
      {replaced === undefined ? (
        <p class="quiet">Nothing: each field that the client sent is as it came.</p>
      ) : (
        <Code label="As it was sent" text={JSON.stringify(replaced, null, 2)} />
      )}
      <Code label="As it is stored" text={JSON.stringify(event, null, 2)} />
    </section>
  )
}
