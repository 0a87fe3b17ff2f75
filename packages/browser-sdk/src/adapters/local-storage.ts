import { attempt } from '../core/attempt.ts'
import type { Storage } from '../platform.ts'

/**
 * localStorage; where it is blocked or full, memory for the page's life. Reading `localStorage` itself throws a SecurityError
 * where storage is blocked (HTML standard, "dom-localstorage").
 */
export function openLocalStorage(): Storage {
  const memory = new Map<string, string>()
  return {
    get(key) {
      return memory.get(key) ?? attempt(() => localStorage.getItem(key)) ?? undefined
    },
    set(key, value) {
      memory.delete(key)
      const stored = attempt(() => {
        localStorage.setItem(key, value)
        return true
      })
      if (!stored) memory.set(key, value)
      return stored ?? false
    },
    remove(key) {
      memory.delete(key)
      attempt(() => localStorage.removeItem(key))
    },
    keys(prefix) {
      const keys = [...memory.keys(), ...(attempt(() => Object.keys(localStorage)) ?? [])]
      return keys.filter((key) => key.startsWith(prefix))
    },
  }
}
