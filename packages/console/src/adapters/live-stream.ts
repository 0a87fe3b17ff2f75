import type { StoredEvent } from '../core/stored-event.ts'

/** Whether events come as they are stored. */
export type LiveState = 'connecting' | 'open' | 'broken'

/**
 * Follows the events. What comes within one frame is told at once: a burst is drawn once.
 *
 * @returns Ends it.
 */
export function followLive(
  onEvents: (events: StoredEvent[]) => void,
  onState: (state: LiveState) => void,
): () => void {
  let waiting: StoredEvent[] = []
  let frame = 0
  const source = new EventSource('/api/events/live')
  source.onopen = () => onState('open')
  source.onerror = () => onState('broken')
  source.onmessage = ({ data }) => {
    waiting.push(JSON.parse(data) as StoredEvent)
    frame ||= setTimeout(() => {
      frame = 0
      onEvents(waiting)
      waiting = []
    }, FRAME_MS)
  }
  return () => {
    clearTimeout(frame)
    source.close()
  }
}

/** A timer and not `requestAnimationFrame`, which a hidden tab has none of: events would gather there without end. */
const FRAME_MS = 50
