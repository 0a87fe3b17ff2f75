import { faults, strikes } from './faults.ts'

/** Time between looks whether a hanging lake has come back. */
const POLL_MS = 50

/** Longer than any test. */
const EVER_MS = 24 * 3_600_000

/** The lake itself, with every call subject to the faults of the moment. */
export function faultyLake(lake: R2Bucket): R2Bucket {
  return new Proxy(lake, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => disturb(() => member.apply(target, args) as Promise<unknown>)
    },
  })
}

async function disturb(call: () => Promise<unknown>): Promise<unknown> {
  const { lake, lakeShare } = faults
  if (lake === 'none' || Math.random() >= lakeShare) return call()
  strikes[lake] += 1
  if (lake === 'forget') await call()
  if (lake === 'ignore') await scheduler.wait(EVER_MS)
  // A promise that nothing will ever settle is one the runtime would notice; a slow network is not.
  while (lake === 'hang' && faults.lake === 'hang') await scheduler.wait(POLL_MS)
  throw new Error(`The lake does not answer (${lake}).`)
}
