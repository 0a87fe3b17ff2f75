import { type ContextStore, createContextStore } from './adapters/context-store.ts'
import { type CallContext, mergeContext } from './core/call-context.ts'

/** Changed by {@link updateContext}, so that what a later step of a request knows reaches all of it. */
interface Holder {
  current: CallContext
}

let store: ContextStore<Holder> | undefined

/**
 * Runs a function whose calls to any client, and those of all that it awaits or starts, carry `context`.
 * Inside another `withContext`, what that has stays, with `context` over it.
 *
 * @returns What `run` returns.
 * @throws {Error} Where the runtime has no `AsyncLocalStorage`: in a Worker without the flag `nodejs_compat`.
 */
export function withContext<Result>(context: CallContext, run: () => Result): Result {
  const opened = openStore()
  return opened.run({ current: mergeContext(opened.getStore()?.current ?? {}, context) }, run)
}

/** The store, made at the first use. @throws {Error} Where the runtime has no `AsyncLocalStorage`. */
export function openStore(): ContextStore<Holder> {
  store ??= createContextStore()
  if (store) return store
  throw new Error(
    'Tributary: this runtime has no AsyncLocalStorage; in a Worker, set the compatibility flag "nodejs_compat".',
  )
}

/**
 * Adds to the context that the running code is in, for all calls from now on: the `userId`, once it is
 * known who is asking. `context` is merged one level deep.
 *
 * @returns Whether there is a context to add to.
 */
export function updateContext(context: CallContext): boolean {
  const holder = store?.getStore()
  if (holder) holder.current = mergeContext(holder.current, context)
  return holder !== undefined
}

/** The context that calls made here carry; undefined outside of {@link withContext} and of the middleware. */
export function currentContext(): CallContext | undefined {
  return store?.getStore()?.current
}
