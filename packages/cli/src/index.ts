export { type DevOptions, runDev } from './dev.ts'
export {
  compareConfigurations,
  type Difference,
  repair,
  type Verification,
  type VerifyOptions,
  verify,
  type WouldChange,
} from './verify.ts'
