import { type MouseEvent, useSyncExternalStore } from 'react'

/** A router in a few lines: the route is the query of the address, which the history API changes. */
export function useRoute(): URLSearchParams {
  return new URLSearchParams(useSyncExternalStore(onNavigation, () => location.search))
}

/** Properties of a link that goes there without loading a document. */
export function linkTo(address: string): { href: string; onClick(event: MouseEvent): void } {
  return {
    href: address,
    onClick(event) {
      event.preventDefault()
      history.pushState(null, '', address)
      dispatchEvent(new PopStateEvent('popstate'))
    },
  }
}

function onNavigation(listener: () => void): () => void {
  addEventListener('popstate', listener)
  return () => removeEventListener('popstate', listener)
}
