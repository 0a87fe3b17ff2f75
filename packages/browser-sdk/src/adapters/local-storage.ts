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
      memory.set(key, value)
      attempt(() => {
        localStorage.setItem(key, value)
        memory.delete(key)
      })
      return !memory.has(key)
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
