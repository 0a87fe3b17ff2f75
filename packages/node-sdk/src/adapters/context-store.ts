/** The part of Node's `AsyncLocalStorage` that the SDK uses. */
export interface ContextStore<Value> {
  /** Runs `run`; it, and all that it starts, gets `value` from `getStore`. */
  run<Result>(value: Value, run: () => Result): Result
  getStore(): Value | undefined
}

type StoreClass = new <Value>() => ContextStore<Value>

/**
 * A store of this runtime, looked up rather than imported: a `node:` import keeps a bundle from
 * running where there is none. Vercel's edge has the class as a global; Node (20.16), Deno, Bun and
 * Workers with the flag `nodejs_compat` tell their built-in modules by `process.getBuiltinModule`.
 *
 * @returns Undefined where there is none.
 */
export function createContextStore<Value>(): ContextStore<Value> | undefined {
  const runtime = globalThis as {
    AsyncLocalStorage?: StoreClass
    process?: { getBuiltinModule?(name: string): { AsyncLocalStorage?: StoreClass } | undefined }
  }
  const Store =
    runtime.AsyncLocalStorage ??
    runtime.process?.getBuiltinModule?.('node:async_hooks')?.AsyncLocalStorage
  return Store && new Store<Value>()
}
