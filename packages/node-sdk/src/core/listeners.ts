/** Listeners by the name of what they listen to. `Events` maps each name to its listeners' argument. */
export interface Listeners<Events> {
  on<Name extends keyof Events>(name: Name, listener: (payload: Events[Name]) => unknown): void
  /** As `on`, for one time. */
  once<Name extends keyof Events>(name: Name, listener: (payload: Events[Name]) => unknown): void
  off<Name extends keyof Events>(name: Name, listener: (payload: Events[Name]) => unknown): void
  has(name: keyof Events): boolean
  /** Calls the listeners in the order they were added. Never throws, also not for `error` without a listener (node:events would). */
  emit<Name extends keyof Events>(name: Name, payload: Events[Name]): void
}

/**
 * An empty set of listeners.
 *
 * @param onFailure Gets what a listener threw, and the name it listened to.
 */
export function createListeners<Events>(
  onFailure: (error: unknown, name: keyof Events) => void,
): Listeners<Events> {
  const byName: { [Name in keyof Events]?: Set<(payload: Events[Name]) => unknown> } = {}
  const listeners: Listeners<Events> = {
    on(name, listener) {
      byName[name] ??= new Set()
      byName[name]?.add(listener)
    },
    once(name, listener) {
      const first = (payload: Events[typeof name]): unknown => {
        byName[name]?.delete(first)
        return listener(payload)
      }
      listeners.on(name, first)
    },
    off(name, listener) {
      byName[name]?.delete(listener)
    },
    has: (name) => (byName[name]?.size ?? 0) > 0,
    emit(name, payload) {
      for (const listener of [...(byName[name] ?? [])]) {
        callSafely(
          () => listener(payload),
          (error) => onFailure(error, name),
        )
      }
    },
  }
  return listeners
}

/** Runs the host's code so that neither what it throws nor a promise it rejects escapes into ours or ends the process. */
export function callSafely(call: () => unknown, onFailure: (error: unknown) => void): void {
  try {
    const result = call()
    if (typeof result === 'object' && result !== null && 'then' in result) {
      Promise.resolve(result).catch(onFailure)
    }
  } catch (error) {
    onFailure(error)
  }
}
