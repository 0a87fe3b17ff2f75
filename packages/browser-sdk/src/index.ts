export type { Stats } from './core/ledger.ts'
export { TributaryBrowser } from './load.ts'
export type { LoadOptions } from './options.ts'
export type {
  Callback,
  CallOptions,
  Id,
  Properties,
  Recorded,
  Tracker,
  User,
} from './tracker-api.ts'
