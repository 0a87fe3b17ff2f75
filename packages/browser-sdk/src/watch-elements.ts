import type { CallOptions, Elements, ForElement, Properties, Tracker } from './tracker-api.ts'

/** `trackLink` and `trackForm`, also by Segment's older names. Nothing is held up: the event is kept before the page can go. */
export function watchElements(
  tracker: Tracker,
  onError: (cause: unknown) => void,
): Pick<Tracker, 'trackLink' | 'trackForm'> & Record<'trackClick' | 'trackSubmit', unknown> {
  const watch =
    (kind: string) =>
    (
      elements: Elements,
      event: ForElement<string>,
      properties?: ForElement<Properties>,
      options?: CallOptions,
    ): Tracker => {
      for (const element of listOf(elements)) {
        // Where it is none, there is nothing to watch.
        element?.addEventListener?.(kind, () => {
          try {
            void tracker.track(valueFor(event, element), valueFor(properties, element), options)
          } catch (cause) {
            onError(cause)
          }
        })
      }
      return tracker
    }
  const [trackLink, trackForm] = [watch('click'), watch('submit')]
  return { trackLink, trackForm, trackClick: trackLink, trackSubmit: trackForm }
}

function listOf(elements: Elements): Element[] {
  return elements instanceof Element ? [elements] : Array.from(elements ?? [])
}

function valueFor<T>(value: ForElement<T>, element: Element): T {
  return typeof value === 'function' ? (value as (element: Element) => T)(element) : value
}
