import type { TributaryEvent } from '@tributary/protocol'
import type { DropReason, TrackerError } from './core/ending.ts'
import type { EventHook, Plugin, SourceMiddleware } from './plugin.ts'

/** Everything that may look at an event. */
export interface Hooks {
  /** Something can change the event before it is kept. */
  canChange(): boolean
  add(plugin: Plugin): void
  addMiddleware(middleware: SourceMiddleware): void
  /** Lets middleware, plugins and `beforeSend` at it, in this order. Returns the event that goes on, or why none does. */
  run(event: TributaryEvent): TributaryEvent | DropReason
  /** Calls the plugins that look on afterwards. */
  tell(stage: 'destination' | 'after', event: TributaryEvent): void
}

/** @param onError Told of what hooks throw. */
export function createHooks(
  beforeSend: EventHook | undefined,
  onError: (error: TrackerError) => void,
): Hooks {
  const plugins: Plugin[] = []
  const middlewares: EventHook[] = []

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
      } catch (cause) {
        onError({ code: 'plugin_failed', cause })
      }
    }
  }

  return {
    canChange: () => Boolean(beforeSend || plugins[0] || middlewares[0]),
    add: (plugin) => plugin && plugins.push(plugin),
    addMiddleware(middleware) {
      middlewares.push((obj) => {
        let passed: TributaryEvent | null = null
        const next: Parameters<SourceMiddleware>[0]['next'] = (payload) => {
          passed = payload?.obj ?? null
        }
        middleware({ payload: { obj }, integrations: obj.integrations, next })
        return passed
      })
    },
    run(event) {
      const chain = [
        ...middlewares,
        ...hooksOf('before', event),
        ...hooksOf('enrichment', event).map(guarded),
        ...(beforeSend ? [beforeSend] : []),
      ]
      let current = event
      try {
        for (const hook of chain) {
          const result = hook(current)
          if (result === null) return 'hook'
          current = result || current
          // A promise, from a hook that came too late to redact.
          if (!current.type) return 'hook_failed'
        }
      } catch (cause) {
        onError({ code: 'plugin_failed', cause })
        return 'hook_failed'
      }
      return current
    },
    tell(stage, event) {
      for (const hook of hooksOf(stage, event)) guarded(hook)(event)
    },
  }
}
