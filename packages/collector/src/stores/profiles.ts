import { DurableObject } from 'cloudflare:workers'
import type { Address, GroupPart, Profile } from '@tributary/identity'
import { type ProfilesStub, profilesOf } from '../adapters/profile-stubs.ts'
import type { GraphMessage, Item } from '../core/profile-graph.ts'
import { type Erasure, enterItems, readItem } from '../core/profile-item.ts'
import type { CollectorEnv } from '../env.ts'
import { MAX_REBUILD_MS, PROFILE_RETRY_MS } from '../limits.ts'
import { runningConfig } from '../running-config.ts'
import { beginHealing, endHealing } from './profile-damage.ts'
import { expireSource } from './profile-expiry.ts'
import { type FeedRequest, linesOf } from './profile-feed.ts'
import {
  type ChangePlace,
  candidates,
  groupParts,
  type ListPlace,
  listChanges,
  listDigests,
  listProfiles,
  matchesIn,
  type ToldChange,
} from './profile-lists.ts'
import { readSent, type SentMessage } from './profile-outbox.ts'
import { sendParcels } from './profile-pump.ts'
import { type Found, lookUp, type ProfileQuestion } from './profile-reads.ts'
import { ProfileStore } from './profile-store.ts'
import { scrub } from './scrub.ts'

/** What a shard of profiles tells about itself. */
export interface ProfileStats {
  /** Rows of the outbox: messages to other shards that have not arrived. */
  outgoing: number
  /** Since the beginning. */
  events: number
  calls: number
  rowsWritten: number
}

/** Records that are read, or written, without a pause: who asks for a profile meanwhile waits no longer than for these. */
const ITEMS_AT_ONCE = 25

/** Messages in parts of so many records, those for one component together. */
function slicesOf(messages: readonly GraphMessage[]): GraphMessage[][] {
  const slices: GraphMessage[][] = []
  let room = 0
  for (const message of messages) {
    if (room <= 0) {
      slices.push([])
      room = ITEMS_AT_ONCE
    }
    slices.at(-1)?.push(message)
    room -= message.kind === 'add' ? message.items.length : 1
  }
  return slices
}

/**
 * One shard of the profiles: who is who, and what belongs to whom. The rules are those of `@tributary/identity`; this makes
 * them durable, and tells the other shards what they have to know (docs/adr/0029).
 */
export class Profiles extends DurableObject<CollectorEnv> {
  #store: ProfileStore
  #pumping: Promise<void> | undefined

  constructor(ctx: DurableObjectState, env: CollectorEnv) {
    super(ctx, env)
    const { rules, profileShards } = runningConfig()
    this.#store = new ProfileStore(ctx, rules, profileShards)
    const isBehind =
      this.#store.statements.outgoingCount() > 0 || this.#store.statements.scrubs().length > 0
    if (isBehind) void ctx.blockConcurrencyWhile(() => this.#arm())
  }

  /** Another shard; for tests, which put faults in between. */
  protected peer(shard: number): Pick<ProfilesStub, 'receive'> | undefined {
    return profilesOf(this.env, shard)
  }

  /**
   * Takes rows of a journal, each once, or lines of the lake, any number of times.
   *
   * @returns Up to which row it has that journal's rows.
   */
  async feed({ shard, fed, rows }: FeedRequest): Promise<number> {
    const store = this.#store
    store.calls += 1
    await store.inTurn(async () => {
      const known = fed ? (store.state.fed[fed.journal] ?? 0) : 0
      if (fed && fed.through <= known) return
      const lines = rows.flatMap((row) => (row.seq > known ? linesOf(row.lines) : []))
      const items: Item[] = []
      for (let at = 0; at < lines.length; at += ITEMS_AT_ONCE) {
        const some = lines.slice(at, at + ITEMS_AT_ONCE)
        items.push(...some.flatMap((line) => readItem(line, store.rules) ?? []))
        await scheduler.wait(0)
      }
      const slices = slicesOf(enterItems(items))
      for (const slice of slices.slice(0, -1)) {
        await store.apply(slice, shard)
        await scheduler.wait(0)
      }
      // Only with the last one the journal's rows are taken; cut off before it, they come again, and change nothing.
      await store.apply(slices.at(-1) ?? [], shard, fed)
    })
    await this.#afterChange()
    return fed ? (store.state.fed[fed.journal] ?? 0) : 0
  }

  /** Takes messages of another shard, any number of times. */
  async receive(shard: number, messages: SentMessage[]): Promise<void> {
    this.#store.calls += 1
    await this.#store.inTurn(() => this.#store.apply(readSent(messages, this.#store.rules), shard))
    await this.#afterChange()
  }

  /** Sends what waits for other shards. @returns How much is left: 0 once all has arrived. */
  async pump(): Promise<number> {
    this.#pumping ??= sendParcels(this.#store, (shard) => this.peer(shard))
      .catch((error) => {
        // biome-ignore lint/suspicious/noConsole: the backlog in /api/stats shows it, and only the log can say why
        console.error('The profiles of another shard could not be reached.', error)
      })
      .finally(() => {
        this.#pumping = undefined
      })
    await this.#pumping
    return this.#store.statements.outgoingCount()
  }

  override async alarm(): Promise<void> {
    await this.#store.inTurn(() => this.#store.scrubAll())
    if ((await this.pump()) > 0) await this.#arm()
  }

  /** Answers a question on a profile, or tells which component to ask for. */
  async ask(question: ProfileQuestion): Promise<Found> {
    this.#store.calls += 1
    return lookUp(this.#store, question)
  }

  /** Profiles in the order of their components. */
  async list(
    from: ListPlace | undefined,
    limit: number,
  ): Promise<{ profiles: Profile[]; next?: ListPlace }> {
    this.#store.calls += 1
    return listProfiles(this.#store, from, limit)
  }

  /** Components in which something may begin with a text, in lower case. */
  candidates(prefix: string): Address[] {
    this.#store.calls += 1
    return candidates(this.#store, prefix)
  }

  /** Profiles of some components that match. */
  async matches(
    shard: number,
    components: Address[],
    prefix: string,
  ): Promise<{ profiles: Profile[]; elsewhere: Address[] }> {
    this.#store.calls += 1
    return matchesIn(this.#store, shard, components, prefix)
  }

  /** What this shard's components know of a group. */
  async group(shard: number, groupId: string): Promise<GroupPart[]> {
    this.#store.calls += 1
    return groupParts(this.#store, shard, groupId)
  }

  /** Digests of components after one, in order. */
  async digests(after: Address, limit: number): ReturnType<typeof listDigests> {
    this.#store.calls += 1
    return listDigests(this.#store, after, limit)
  }

  /** Changes of profiles after a place, in order. */
  async changes(
    shard: number,
    from: ChangePlace,
    limit: number,
  ): Promise<{ changes: ToldChange[]; through: ChangePlace }> {
    this.#store.calls += 1
    return listChanges(this.#store, shard, from, limit)
  }

  stats(): ProfileStats {
    const { events, calls, rowsWritten } = this.#store.state
    return { outgoing: this.#store.statements.outgoingCount(), events, calls, rowsWritten }
  }

  /**
   * Events that are erased, for whoever takes them out of journal and lake, those after `after`, in order. Each comes until
   * {@link erasuresDone}.
   */
  erasures(after = 0, limit = 1000): { items: (Erasure & { seq: number })[]; through: number } {
    const rows = this.#store.statements.erasuresAfter(after, limit)
    const items = rows.map(({ seq, json }) => ({ seq, ...(JSON.parse(json) as Erasure) }))
    return { items, through: rows.at(-1)?.seq ?? after }
  }

  /** Forgets erasures that were carried out everywhere. */
  erasuresDone(through: number): void {
    this.#store.transaction(() => this.#store.statements.deleteErasures(through))
  }

  /**
   * Forgets what a source sent before a day (`YYYY-MM-DD`, by arrival), for a bounded time.
   *
   * @returns Whether all of it is forgotten; call it again if not.
   */
  async expire(source: string, before: string): Promise<boolean> {
    this.#store.calls += 1
    const untilMs = Date.now() + MAX_REBUILD_MS
    return expireSource(this.#store, source, before, () => Date.now() >= untilMs)
  }

  /**
   * A rebuild from the lake begins.
   *
   * @param components Those of which nothing is to be believed until it has ended.
   */
  async beginHealing(components: Address[]): Promise<void> {
    await this.#store.inTurn(async () => beginHealing(this.#store, components))
  }

  /** It has ended: what was damaged when it began is whole again. */
  endHealing(): void {
    endHealing(this.#store)
  }

  /** Forgets everything, for a rebuild from the lake. What the journals still have comes again as it is fed. */
  async empty(): Promise<void> {
    await this.#store.inTurn(async () => {
      await this.ctx.storage.deleteAll()
      const { rules, profileShards } = runningConfig()
      this.#store = new ProfileStore(this.ctx, rules, profileShards)
    })
  }

  /** Writes over what the database has let go. */
  async scrubFile(): Promise<void> {
    await this.#store.inTurn(() => scrub(this.ctx.storage))
  }

  async #afterChange(): Promise<void> {
    if (this.#store.statements.outgoingCount() > 0) await this.#arm()
  }

  /** There is an alarm whenever something waits. */
  async #arm(): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) === null) {
      await this.ctx.storage.setAlarm(Date.now() + PROFILE_RETRY_MS)
    }
  }
}
