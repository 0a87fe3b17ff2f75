import type { StoredEvent } from '../core/stored-event.ts'

/** Whether events come as they are stored: `broken` comes back by itself, `ended` does not. */
export type LiveState = 'connecting' | 'open' | 'broken' | 'ended'

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
  // After a network that was gone the browser connects again and says where it was; after a refusal it does not.
  source.onerror = () => onState(source.readyState === EventSource.CLOSED ? 'ended' : 'broken')
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
