export {
  type CollectorConfig,
  defineConfig,
  type ResolvedConfig,
} from './config.ts'
export type { StandardSchema, TrackingPlan } from './core/plan.ts'
export type { CookieOptions, RateLimit, SourceConfig } from './core/source-config.ts'
export type { CollectorEnv } from './env.ts'
export { Journal } from './stores/journal.ts'
export { Profiles } from './stores/profiles.ts'
export { createCollector } from './worker.ts'
