import type { Tracker } from '@tributary/browser'

/** What the page has. Functions here run in it: each must stand for itself. */
interface Page {
  tributary: Tracker
}

/** Resolves when the tracker is there, and not its stub. */
export async function trackerIsThere(): Promise<void> {
  const page = globalThis as unknown as Partial<Page>
  while (!page.tributary || Array.isArray(page.tributary)) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Tracks at once; resolves with the ids of the events when all of them are persisted. */
export async function trackPersisted(count: number): Promise<string[]> {
  const { tributary } = globalThis as unknown as Page
  const calls = Array.from({ length: count }, (_, index) => tributary.track('Scenario', { index }))
  return (await Promise.all(calls)).flatMap(({ event }) => event?.messageId ?? [])
}

/** Tracks at once, under ids that it gives without waiting for anything. */
export function trackAtOnce(count: number): string[] {
  const { tributary } = globalThis as unknown as Page
  return Array.from({ length: count }, (_, index) => {
    const messageId = crypto.randomUUID()
    void tributary.track('Scenario', { index }, { messageId })
    return messageId
  })
}

/** Asks for an attempt now, and does not wait for it. */
export function startFlush(): void {
  void (globalThis as unknown as Page).tributary.flush()
}

/** The page's own accounts. */
export function readStats(): ReturnType<Tracker['stats']> {
  return (globalThis as unknown as Page).tributary.stats()
}
