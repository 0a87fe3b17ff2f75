import {
  type Address,
  absorb,
  type Profile,
  type ProfileChange,
  type Rules,
  settleComponent,
  takeFact,
} from '@tributary/identity'
import { bufferOf, inFrames } from '../core/frames.ts'
import { type GraphMessage, type Item, type Plan, planMessages } from '../core/profile-graph.ts'
import { CHANGES_KEPT_MS, MAX_PACK_BYTES } from '../limits.ts'
import {
  asComponent,
  Components,
  hasInCommon,
  isOnDisk,
  type Loaded,
  letRecordGo,
} from './components.ts'
import { type Addition, prepareAdditions } from './profile-additions.ts'
import type { Expiry } from './profile-expiry.ts'
import { indexFact } from './profile-index.ts'
import { departureParcels, packOutgoing } from './profile-outbox.ts'
import { scrub } from './profile-scrub.ts'
import { type ProfileStatements, profileStatements } from './profiles-sql.ts'

/** What a shard keeps beside its tables, in one row. */
export interface ProfileState {
  /** Which shard it is; known from the first call on. */
  shard: number
  /** Rows of each journal that it has. */
  fed: Record<string, number>
  /** The last row of the outbox, of changes and of erasures; a number is never given twice. */
  lastSeq: number
  /** Rows of `damaged` that were there when the rebuild under way began. */
  healThrough: number
  /** By source, what was forgotten for its age. */
  expiries: Record<string, Expiry>
  /** Since the beginning. */
  rowsWritten: number
  calls: number
  events: number
}

/** One shard of profiles on disk and, in part, in memory. One commit at a time; reads may come in between. */
export class ProfileStore {
  readonly statements: ProfileStatements
  readonly components: Components
  readonly rules: Rules
  readonly shards: number
  #ctx: DurableObjectState
  #state: ProfileState
  #last: Promise<unknown> = Promise.resolve()
  /** Calls since the state was written. */
  calls = 0
  #rowsWritten = 0

  constructor(ctx: DurableObjectState, rules: Rules, shards: number) {
    this.#ctx = ctx
    this.rules = rules
    this.shards = shards
    this.statements = profileStatements(ctx.storage.sql, (rows) => {
      this.#rowsWritten += rows
    })
    this.components = new Components(this.statements, rules)
    this.#state = { ...NOTHING_YET, ...(JSON.parse(this.statements.readState() ?? '{}') as object) }
  }

  get state(): Readonly<ProfileState> {
    const { calls, rowsWritten } = this.#state
    return {
      ...this.#state,
      calls: calls + this.calls,
      rowsWritten: rowsWritten + this.#rowsWritten,
    }
  }

  /** Runs one change after the other. */
  inTurn<T>(change: () => Promise<T>): Promise<T> {
    const next = this.#last.then(change)
    this.#last = next.catch(() => undefined)
    return next
  }

  /** Where a component is now, as far as this shard knows. */
  resolve(component: Address): Address {
    let at = component
    for (let next = this.statements.movedTo(at); next; next = this.statements.movedTo(at)) at = next
    return at
  }

  /**
   * Handles messages: all that follows from them in one transaction, or nothing. To be called in turn.
   *
   * @param fed A journal whose rows these are, and up to which.
   */
  async apply(
    messages: readonly GraphMessage[],
    shard: number,
    fed?: { journal: string; through: number },
  ): Promise<void> {
    const graph = { ...this.statements, shard, shards: this.shards }
    const plan = planMessages(graph, messages)
    const additions = await prepareAdditions(this.components, plan)
    const involved = new Set(
      [...plan.moves, ...plan.departures].flatMap(({ from, into }) => [from, into]),
    )
    const loaded = new Map([...additions].map(([address, { loaded }]) => [address, loaded]))
    for (const address of involved) {
      if (!loaded.has(address)) loaded.set(address, await this.components.load(address))
    }
    this.transaction(() => {
      this.#state = { ...this.#state, shard }
      if (fed) this.#state.fed = { ...this.#state.fed, [fed.journal]: fed.through }
      this.#commit(plan, additions, loaded)
    })
    await this.scrubAll()
  }

  /** Writes something, and the counts with it. What is in memory may be ahead of the disk if this fails: then all starts again. */
  transaction(write: () => void): void {
    try {
      this.#ctx.storage.transactionSync(() => {
        write()
        this.#state.calls += this.calls
        this.#state.rowsWritten += this.#rowsWritten + 1
        this.calls = 0
        this.#rowsWritten = 0
        this.statements.writeState(JSON.stringify(this.#state))
        this.#rowsWritten = 0
      })
    } catch (error) {
      this.#ctx.abort(`The profiles could not be written: ${error}`)
      throw error
    }
  }

  /** A number for a row that others follow in its order. In a transaction. */
  nextSeq(): number {
    this.#state.lastSeq += 1
    return this.#state.lastSeq
  }

  /** Notes something beside the tables. In a transaction. */
  note(part: Partial<ProfileState>): void {
    this.#state = { ...this.#state, ...part }
  }

  /** Carries out the erasures that are not carried out yet. To be called in turn. */
  async scrubAll(): Promise<void> {
    for (const address of this.statements.scrubs()) await scrub(this, address)
  }

  #commit(
    plan: Plan,
    additions: ReadonlyMap<Address, Addition>,
    loaded: ReadonlyMap<Address, Loaded>,
  ): void {
    const { statements } = this
    const touched = new Set<Loaded>()
    const unsure = new Set<Loaded>()
    for (const { from, into } of plan.moves) touched.add(this.#move(loaded, from, into, unsure))
    for (const { from } of plan.moves) touched.delete(loaded.get(from) as Loaded)
    for (const addition of additions.values()) {
      this.#add(addition)
      touched.add(addition.loaded)
    }
    for (const [address, profiles] of plan.arrived) {
      additions.get(address)?.loaded.component.absorbed.push(asComponent(profiles))
    }
    for (const [address, { component, key }] of plan.directory) {
      statements.putDirectory(address, component, key)
    }
    const changes: ProfileChange[] = []
    for (const each of touched) changes.push(...this.#settle(each))
    for (const { from, into } of plan.departures) this.#depart(loaded.get(from) as Loaded, into)
    for (const { shard, json } of packOutgoing(plan.outgoing, this.shards)) {
      statements.putOutgoing(this.nextSeq(), shard, json)
    }
    this.tell(changes)
    for (const { address } of unsure) this.components.drop(address)
  }

  /** Within the shard nothing is copied: packs change their owner. */
  #move(
    loaded: ReadonlyMap<Address, Loaded>,
    from: Address,
    into: Address,
    unsure: Set<Loaded>,
  ): Loaded {
    const [source, target] = [loaded.get(from) as Loaded, loaded.get(into) as Loaded]
    // Of two copies only the disk tells which counts.
    const isUnsure = unsure.has(source) || hasInCommon(source, target)
    if (isUnsure) unsure.add(target)
    this.statements.movePacks(from, into, target.lastPack)
    this.statements.putMoved(from, into)
    absorb(target.component, source.component)
    for (const [key, no] of source.places) target.places.set(key, no + target.lastPack)
    if (source.lastPack > 0) {
      target.lastPack += source.lastPack
      target.lastPackBytes = source.lastPackBytes
    }
    target.bytes += source.bytes
    this.components.drop(from)
    this.#index(target)
    return target
  }

  #add({ loaded, fresh, frames, erasedAgain }: Addition): void {
    const { address } = loaded
    for (const json of erasedAgain) this.statements.putErasure(this.nextSeq(), json)
    let at = 0
    const parts = inFrames(fresh)
    for (const [index, frame] of frames.entries()) {
      const isNew = loaded.lastPack === 0 || loaded.lastPackBytes + frame.length > MAX_PACK_BYTES
      if (isNew) {
        loaded.lastPack += 1
        loaded.lastPackBytes = 0
        this.statements.insertPack(address, loaded.lastPack, bufferOf(frame))
      } else this.statements.extendPack(address, loaded.lastPack, bufferOf(frame))
      loaded.lastPackBytes += frame.length
      for (const _ of parts[index] ?? []) {
        const { fact } = fresh[at++] as Item
        takeFact(loaded.component, fact)
        loaded.places.set(fact.messageId, loaded.lastPack)
        indexFact(this.statements, address, fact)
      }
    }
    this.#state.events += fresh.length
  }

  /** Names the component in the indexes for all that it holds. */
  #index({ address, component }: Loaded): void {
    for (const fact of component.facts.values()) indexFact(this.statements, address, fact)
  }

  /** Brings a component up to date, and notes what is to be erased from the disk. */
  #settle(loaded: Loaded): ProfileChange[] {
    const { component, address } = loaded
    const changes = settleComponent(component, this.rules)
    for (const key of component.settled.erased.keys()) {
      const fact = component.facts.get(key)
      if (fact?.kind !== 'event' || fact.erasedBy !== undefined) continue
      this.statements.putScrub(address)
      break
    }
    for (const fact of component.facts.values()) if (!isOnDisk(fact)) letRecordGo(loaded, fact)
    this.components.put(loaded)
    return changes
  }

  /** Its records stay until the other shard has them (`profile-outbox.ts`); nothing is added to them any more. */
  #depart({ address, component }: Loaded, into: Address): void {
    const was = [...new Set(component.settled.profiles.values())]
    this.statements.putMoved(address, into)
    this.statements.deleteTerms(address)
    this.statements.deleteMembers(address)
    for (const { shard, json } of departureParcels(address, into, was, this.shards)) {
      this.statements.putOutgoing(this.nextSeq(), shard, json)
    }
    this.components.drop(address)
  }

  /** Notes changes for those who follow. In a transaction. */
  tell(changes: readonly ProfileChange[]): void {
    if (changes.length === 0) return
    const told = changes.map((change) => {
      const { profile: _, ...rest } = change as ProfileChange & { profile?: Profile }
      return rest
    })
    const now = Date.now()
    for (let at = 0; at < told.length; at += CHANGES_PER_ROW) {
      this.statements.putChanges(
        this.nextSeq(),
        now,
        JSON.stringify(told.slice(at, at + CHANGES_PER_ROW)),
      )
    }
    this.statements.deleteChangesBefore(now - CHANGES_KEPT_MS)
  }
}

const NOTHING_YET: ProfileState = {
  shard: -1,
  fed: {},
  lastSeq: 0,
  healThrough: 0,
  expiries: {},
  rowsWritten: 0,
  calls: 0,
  events: 0,
}

/** Changes name profiles and little more; so many fit a row in any case but that of a merge of thousands. */
const CHANGES_PER_ROW = 500
