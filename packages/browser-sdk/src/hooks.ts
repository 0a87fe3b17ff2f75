import { MAX_MESSAGE_ID_LENGTH, type TributaryEvent } from '@tributary/protocol'
import type { Emitter } from './core/emitter.ts'
import type { DropReason, Notice } from './core/ending.ts'
import type { Core } from './core-parts.ts'
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

/**
 * Lets `beforeSend`, plugins and middleware at every event.
 *
 * @param onError Told of what they throw.
 */
export function addHooks(
  { seams, options, tracker }: Core,
  { on }: Emitter,
  onError: (cause: unknown) => void,
): void {
  const hooks = createHooks(options.beforeSend, onError)
  /** Events that an `after` plugin is to see once they are delivered. */
  const awaited = new Map<string, TributaryEvent>()
  const { change } = seams
  seams.isHooked = hooks.canChange
  seams.change = (event) => {
    change?.(event)
    // A copy: what hooks do to the event must not reach the page's own objects.
    const changed = hooks.canChange() ? hooks.run(JSON.parse(JSON.stringify(event))) : event
    if (typeof changed === 'object' && !isMessageId(changed.messageId)) {
      changed.messageId = event.messageId as string
    }
    return changed
  }
  on('recorded', (event: TributaryEvent) => {
    hooks.tell('destination', event)
    if (hooks.canChange()) awaited.set(event.messageId as string, event)
  })
  for (const outcome of ['delivered', 'rejected', 'dropped']) {
    on(outcome, ({ messageId }: Notice) => {
      const event = awaited.get(messageId)
      awaited.delete(messageId)
      if (event && outcome === 'delivered') hooks.tell('after', event)
    })
  }
  tracker.register = async (...plugins) => {
    for (const plugin of plugins) {
      try {
        hooks.add(plugin)
        plugin.load?.(tracker)
      } catch (cause) {
        onError(cause)
      }
    }
  }
  tracker.addSourceMiddleware = async (middleware) => hooks.addMiddleware(middleware)
}

/** Whether the collector can answer by it: a longer one it replaces, and half a letter is not written as it is. */
function isMessageId(id: unknown): boolean {
  return typeof id === 'string' && /^\P{Cs}+$/su.test(id) && id.length <= MAX_MESSAGE_ID_LENGTH
}

/** What may change an event, in this order. */
const STAGES = ['middleware', 'before', 'enrichment', 'beforeSend']

/** @param onError Told of what hooks throw. */
export function createHooks(
  beforeSend: EventHook | undefined,
  onError: (cause: unknown) => void,
): Hooks {
  const stages: Record<string, EventHook[]> = Object.create(null)

  function addTo(stage: string, hook: EventHook): void {
    stages[stage] ??= []
    stages[stage].push(hook)
  }

  if (beforeSend) addTo('beforeSend', beforeSend)
  return {
    canChange: () => Object.keys(stages).length > 0,
    add(plugin) {
      // The page's affair.
      if (!plugin) return
      const stage = plugin.type ?? 'enrichment'
      addTo(stage, (event) => {
        try {
          const hook = plugin[event.type]
          return typeof hook === 'function' ? hook.call(plugin, event) : undefined
        } catch (cause) {
          // Without the others the event is still right.
          if (stage === 'before') throw cause
          onError(cause)
        }
      })
    },
    addMiddleware(middleware) {
      addTo('middleware', (obj) => {
        let passed: TributaryEvent | null = null
        const next: Parameters<SourceMiddleware>[0]['next'] = (payload) => {
          passed = payload?.obj ?? null
        }
        middleware({ payload: { obj }, integrations: obj.integrations, next })
        return passed
      })
    },
    run(event) {
      let current = event
      try {
        for (const hook of STAGES.flatMap((stage) => stages[stage] ?? [])) {
          const result = hook(current)
          if (result === null) return 'hook'
          current = result || current
          // A promise, from a hook that came too late to redact.
          if (!current.type) return 'hook_failed'
        }
      } catch (cause) {
        onError(cause)
        return 'hook_failed'
      }
      return current
    },
    tell(stage, event) {
      for (const hook of stages[stage] ?? []) hook(event)
    },
  }
}
