import type { ResolvedConfig } from './config.ts'

let running: ResolvedConfig | undefined

/**
 * Notes the configuration that this Worker runs with. Durable Objects are made by the platform, which gives them bindings
 * alone; they live in a Worker whose main module has called `createCollector` before any of them is made.
 */
export function runWith(config: ResolvedConfig): void {
  running = config
}

/** @throws Error where no collector was created. */
export function runningConfig(): ResolvedConfig {
  if (!running) throw new Error('Call createCollector in the main module of the Worker.')
  return running
}
