const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/** Of all clients of the process: its end waits for each of them. */
const drains = new Set<() => Promise<unknown>>()

/**
 * Runs `drain` when the process is asked to end by SIGTERM or SIGINT, or has nothing left to do.
 * After a signal its default action follows, unless the host listens for it too and so decides itself;
 * a second signal does not wait.
 *
 * @returns Takes `drain` out again.
 */
export function onExit(drain: () => Promise<unknown>): () => void {
  if (drains.size === 0) listen()
  drains.add(drain)
  return () => {
    if (drains.delete(drain) && drains.size === 0) unlisten()
  }
}

function listen(): void {
  for (const signal of SIGNALS) process.on(signal, onSignal)
  process.on('beforeExit', drainAll)
}

function unlisten(): void {
  for (const signal of SIGNALS) process.off(signal, onSignal)
  process.off('beforeExit', drainAll)
}

function onSignal(signal: NodeJS.Signals): void {
  void drainAll().then(() => {
    // Who else listens has heard of it, and ends the process or does not.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
  })
}

/** Once: Node emits `beforeExit` again after each time that there was something to do. */
async function drainAll(): Promise<void> {
  const all = [...drains]
  drains.clear()
  unlisten()
  await Promise.all(all.map((drain) => drain()))
}
