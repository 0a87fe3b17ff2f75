import { faults } from './faults.ts'

/** Puts the clock of this isolate, as code in it reads it, off by `faults.clockOffsetMs`. */
export function shiftClock(): void {
  const RealDate = Date
  const now = () => RealDate.now() + faults.clockOffsetMs
  globalThis.Date = new Proxy(RealDate, {
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
    construct: (target, args) => Reflect.construct(target, args.length === 0 ? [now()] : args),
  })
}
