/** Listeners by name. What a listener throws is swallowed: it must not cost an event, nor the other listeners their turn. */
export interface Emitter {
  on(name: string, listener: Listener): void
  once(name: string, listener: Listener): void
  off(name: string, listener: Listener): void
  emit(name: string, ...args: unknown[]): void
}

// biome-ignore lint/suspicious/noExplicitAny: the public types of the tracker say which arguments each name has
type Listener = (...args: any[]) => unknown

/** An {@link Emitter} without listeners. */
export function createEmitter(): Emitter {
  // By name, each listener with what is called for it.
  const listeners: Record<string, Map<Listener, Listener>> = Object.create(null)
  const add = (name: string, key: Listener, called: Listener): void => {
    listeners[name] ??= new Map()
    listeners[name].set(key, called)
  }
  const off = (name: string, listener: Listener): void => {
    listeners[name]?.delete(listener)
  }
  return {
    on: (name, listener) => add(name, listener, listener),
    once: (name, listener) =>
      add(name, listener, (...args) => {
        off(name, listener)
        listener(...args)
      }),
    off,
    emit(name, ...args) {
      for (const listener of [...(listeners[name]?.values() ?? [])]) {
        try {
          listener(...args)
        } catch {
          // The page's affair.
        }
      }
    },
  }
}
