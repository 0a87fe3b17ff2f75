import type { TributaryEvent } from '@tributary/protocol'
import { callSafely } from './core/listeners.ts'
import type { EventHook, Plugin } from './plugin.ts'

/** Everything that may look at an event. */
export interface Hooks {
  /** Something can change the event before it is kept. */
  canChange(): boolean
  /** A plugin looks on at this stage. */
  has(stage: 'destination' | 'after'): boolean
  add(plugin: Plugin): void
  remove(name: string): Plugin | undefined
  /** Lets plugins and then `beforeSend` at it. Returns the event that goes on, or why none does. */
  run(event: TributaryEvent): TributaryEvent | 'hook' | 'hook_failed'
  /** Calls the plugins that look on afterwards. */
  tell(stage: 'destination' | 'after', event: TributaryEvent): void
}

/** @param onFailure Told of what hooks throw. */
export function createHooks(
  beforeSend: EventHook | undefined,
  onFailure: (error: unknown) => void,
): Hooks {
  const plugins: Plugin[] = []

  function hooksOf(stage: Plugin['type'], { type }: TributaryEvent): EventHook[] {
    return plugins.flatMap((plugin) => {
      const hook = (plugin.type ?? 'enrichment') === stage && plugin[type]
      return typeof hook === 'function' ? [hook.bind(plugin)] : []
    })
  }

  /** For hooks without which the event is still right. */
  function guarded(hook: EventHook): EventHook {
    return (event) => {
      try {
        return hook(event)
      } catch (error) {
        onFailure(error)
        return event
      }
    }
  }

  return {
    canChange: () => beforeSend !== undefined || plugins.length > 0,
    has: (stage) => plugins.some(({ type }) => type === stage),
    add: (plugin) => plugins.push(plugin),
    remove(name) {
      const index = plugins.findIndex((plugin) => plugin.name === name)
      return index < 0 ? undefined : plugins.splice(index, 1)[0]
    },
    run(event) {
      const chain = [
        ...hooksOf('before', event),
        ...hooksOf('enrichment', event).map(guarded),
        ...(beforeSend ? [beforeSend] : []),
      ]
      let current = event
      try {
        for (const hook of chain) {
          const result = hook(current)
          if (result === null) return 'hook'
          current = result ?? current
          // A promise, from a hook that came too late to redact.
          if (!current.type) return 'hook_failed'
        }
      } catch (error) {
        onFailure(error)
        return 'hook_failed'
      }
      return current
    },
    tell(stage, event) {
      for (const hook of hooksOf(stage, event)) callSafely(() => hook(event), onFailure)
    },
  }
}
