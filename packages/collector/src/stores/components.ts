import {
  type Address,
  type Component,
  emptyComponent,
  type Fact,
  keysOf,
  type Profile,
  type Rules,
  settleComponent,
  takeFact,
} from '@tributary/identity'
import type { JsonObject } from '@tributary/protocol'
import { linesOfFrames } from '../core/frames.ts'
import type { Item } from '../core/profile-graph.ts'
import { readItem } from '../core/profile-item.ts'
import { PROFILE_CACHE_BYTES } from '../limits.ts'
import type { PackRow, ProfileStatements } from './profiles-sql.ts'

/** A component in memory: all that the rules need of its records, and where the records themselves are. */
export interface Loaded {
  address: Address
  component: Component
  /** Number of the pack that each record is in, by the fact's `messageId`. */
  places: Map<string, number>
  /** The last pack and its size; 0 before the first. */
  lastPack: number
  lastPackBytes: number
  /** What it takes in memory, roughly; and what of that the cache has counted. */
  bytes: number
  counted: number
}

/** In the place of records that are on disk alone. */
const ON_DISK: JsonObject = {}

/** What a record takes in memory without its text: identifiers, entries of maps. */
const FACT_BYTES = 600

/** Components as they were last committed, the ones used last in memory. */
export class Components {
  #statements: ProfileStatements
  #rules: Rules
  #loaded = new Map<Address, Loaded>()
  #loading = new Map<Address, Promise<Loaded>>()
  #bytes = 0

  constructor(statements: ProfileStatements, rules: Rules) {
    this.#statements = statements
    this.#rules = rules
  }

  /** A component; an empty one where nothing is known of it. Not to be changed except in a commit. */
  async load(address: Address): Promise<Loaded> {
    const known = this.#loaded.get(address)
    if (known) {
      // The order of a Map is the order of insertion: the first is the one not used for longest.
      this.#loaded.delete(address)
      this.#loaded.set(address, known)
      return known
    }
    const running = this.#loading.get(address)
    if (running) return running
    const loading = this.#read(address)
    this.#loading.set(address, loading)
    try {
      const loaded = await loading
      // A commit may have put another one in its place meanwhile.
      if (this.#loading.get(address) === loading) this.put(loaded)
      return this.#loaded.get(address) ?? loaded
    } finally {
      if (this.#loading.get(address) === loading) this.#loading.delete(address)
    }
  }

  /** What is in memory from now on: after a commit. */
  put(loaded: Loaded): void {
    this.drop(loaded.address)
    this.#loaded.set(loaded.address, loaded)
    loaded.counted = loaded.bytes
    this.#bytes += loaded.counted
    for (const [address, oldest] of this.#loaded) {
      if (this.#bytes <= PROFILE_CACHE_BYTES || oldest === loaded) break
      this.#loaded.delete(address)
      this.#bytes -= oldest.counted
    }
  }

  drop(address: Address): void {
    this.#loading.delete(address)
    const known = this.#loaded.get(address)
    if (!known) return
    this.#loaded.delete(address)
    this.#bytes -= known.counted
  }

  async #read(address: Address): Promise<Loaded> {
    const loaded: Loaded = {
      address,
      component: emptyComponent(),
      places: new Map(),
      lastPack: 0,
      lastPackBytes: 0,
      bytes: 0,
      counted: 0,
    }
    const facts: Fact[] = []
    for (const { no, frames } of this.#statements.packs(address)) {
      for (const { fact } of await this.#items(address, { no, frames })) {
        takeFact(loaded.component, fact)
        if (loaded.component.facts.get(fact.messageId) === fact) {
          loaded.places.set(fact.messageId, no)
        }
        facts.push(fact)
      }
      loaded.lastPack = no
      loaded.lastPackBytes = frames.byteLength
    }
    settleComponent(loaded.component, this.#rules)
    for (const fact of facts) letRecordGo(loaded, fact)
    return loaded
  }

  /** The records of a component, each key once, the copy that counts; in memory only until the caller lets go of them. */
  async items(address: Address, packs?: ReadonlySet<number>): Promise<Item[]> {
    const items: Item[] = []
    for (const { no, frames } of this.#statements.packs(address)) {
      if (!packs || packs.has(no)) items.push(...(await this.#items(address, { no, frames })))
    }
    return items
  }

  /** One that cannot be read is set aside, so that what comes next is not written behind it, and holds up nothing. */
  async #items(address: Address, pack: PackRow): Promise<Item[]> {
    const lines = await linesOfFrames(pack.frames).catch((error) => {
      // biome-ignore lint/suspicious/noConsole: who is told of the component looks for the reason in the log
      console.error(`Rows of the component ${address} of the profiles cannot be read.`, error)
      this.#statements.setPackAside(address, pack)
      return []
    })
    return lines.flatMap((line) => readItem(line, this.#rules) ?? [])
  }
}

/** From here on the record is on disk alone; what the rules have read of it stays. */
export function letRecordGo(loaded: Loaded, fact: Fact): void {
  fact.record = ON_DISK
  loaded.bytes += FACT_BYTES
}

/** Whether a fact's record was let go of. */
export function isOnDisk(fact: Fact): boolean {
  return fact.record === ON_DISK
}

/** Whether both have a copy of some record. */
export function hasInCommon({ component: a }: Loaded, { component: b }: Loaded): boolean {
  return [...a.facts.keys()].some((key) => b.facts.has(key))
}

/** Stands for a component that has moved here: what is told of its profiles is told from here. */
export function asComponent(profiles: readonly Profile[]): Component {
  const component = emptyComponent()
  for (const profile of profiles) {
    for (const key of keysOf(profile)) component.settled.profiles.set(key, profile)
  }
  return component
}
