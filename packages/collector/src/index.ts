export {
  type CollectorConfig,
  defineConfig,
  type ResolvedConfig,
  type SourceConfig,
} from './config.ts'
export type { CollectorEnv } from './env.ts'
export { Journal } from './stores/journal.ts'
export { createCollector } from './worker.ts'
