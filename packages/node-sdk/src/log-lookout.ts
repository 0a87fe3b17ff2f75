import { adopt, askOwner, findOwners, gather, type Home, readLease } from './adapters/log-home.ts'

/** Time between two looks at the other owners. */
export const LOOK_EVERY_MS = 30_000

/** An owner whose socket cannot be asked, and whose lease has not changed for so long, is dead: four looks of its own. */
const MAX_LEASE_MS = 120_000

/** Finds the homes of dead owners, and takes them over. */
export class Lookout {
  readonly #directory: string
  readonly #monotonicMs: () => number
  readonly #maxLeaseMs: number
  /** Leases of those who cannot be asked, and since when they have been the same. */
  readonly #leases: Map<string, { lease: number; sinceMs: number }> = new Map()

  constructor(directory: string, monotonicMs: () => number, maxLeaseMs: number = MAX_LEASE_MS) {
    this.#directory = directory
    this.#monotonicMs = monotonicMs
    this.#maxLeaseMs = maxLeaseMs
  }

  /**
   * Looks once, and moves the segments of the dead into one's own home.
   *
   * @param ownId Of that home, where there is one already.
   * @param ownHome Makes it where there is none.
   */
  async look(ownId: () => string | undefined, ownHome: () => Home): Promise<void> {
    const owners = await findOwners(this.#directory)
    for (const id of this.#leases.keys()) if (!owners.includes(id)) this.#leases.delete(id)
    for (const id of owners) {
      if (id !== ownId() && (await this.#isDead(id))) await adopt(this.#directory, id, ownHome())
    }
    if (ownId() !== undefined) await gather(ownHome())
  }

  async #isDead(id: string): Promise<boolean> {
    const life = await askOwner(this.#directory, id)
    if (life !== 'unknown') return life === 'dead'
    const lease = await readLease(this.#directory, id)
    const known = this.#leases.get(id)
    if (known?.lease === lease) return this.#monotonicMs() - known.sinceMs >= this.#maxLeaseMs
    this.#leases.set(id, { lease, sinceMs: this.#monotonicMs() })
    return false
  }
}
