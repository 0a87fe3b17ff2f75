/** Limits of the collector alone; those it shares with the SDKs are in `@tributary/protocol`. */

/** One journal row. A Durable Object's row may hold 2 MB (platform limit); the rest is room for the row's other columns. */
export const MAX_ROW_BYTES = 1_500_000

/** A refused payload that is kept whole: all of any body, and room in its row for the rest of the record. */
export const MAX_PAYLOAD_BYTES = 1_400_000

/** Lines of one call of a journal, in UTF-16 units: in UTF-8 at most 24 MiB, where a call may have 32 MiB (platform limit). */
export const MAX_APPEND_LENGTH = 8 * 1024 * 1024

/** Undrained bytes at which a shard answers 503 rather than take more, so that an outage of the lake cannot fill memory. */
export const MAX_BACKLOG_BYTES = 64 * 1024 * 1024

/** Rows that go into the lake in one step; several Durable Objects may share one isolate's 128 MB. */
export const MAX_DRAIN_BYTES = 8 * 1024 * 1024

/** Time from the first undrained event to its drain. Longer makes fewer, larger objects; reads cover the journal anyhow. */
export const DRAIN_INTERVAL_MS = 30_000

/** Longest pause between attempts to drain while the lake is not to be reached. */
export const MAX_DRAIN_RETRY_MS = 5 * 60_000

/** Undrained bytes at which the drain does not wait for its interval. */
export const EARLY_DRAIN_BYTES = 4 * 1024 * 1024

/** Fingerprints in one packed row: 512 KiB. A drain rewrites the last row of each hour that it adds to. */
export const MAX_FINGERPRINTS_PER_ROW = 32 * 1024

/** Packed fingerprints that a shard keeps in memory. */
export const FINGERPRINT_CACHE_BYTES = 16 * 1024 * 1024

/** `Retry-After` of a temporary refusal, in seconds. */
export const RETRY_AFTER_SECONDS = 5

/** Time for a body to arrive. The platform has no bound of its own, and every open request holds memory. */
export const BODY_TIMEOUT_MS = 60_000

/** How much is kept of a body that is too large to be read. */
export const MAX_KEPT_BODY_BYTES = 64 * 1024

/** Records on one page of a listing, when not asked otherwise and at most. */
export const DEFAULT_PAGE_SIZE = 100
export const MAX_PAGE_SIZE = 1000

/** Lake objects that one call of a listing reads; it then answers with a cursor to go on from. */
export const MAX_OBJECTS_PER_PAGE = 500

/** Time after which a put that has no answer counts as failed; the next one meets whatever it has written after all. */
export const LAKE_PUT_TIMEOUT_MS = 20_000

/** Keys in one answer of the lake's listing (platform limit). */
export const LAKE_LIST_LIMIT = 1000

/** Longest key of the lake (platform limit); the bucket fails where it is asked for a longer one. */
export const MAX_LAKE_KEY_BYTES = 1024

/** Longest value of a filter. */
export const MAX_FILTER_LENGTH = 1024

/** How long an append waits for others to share its commit. Far below what a request takes anyhow; a commit serves them all. */
export const GROUP_COMMIT_MS = 2

/** Undrained bytes from which a journal no longer waits for the account of deliveries: that is a statistic, and this is not. */
export const MAX_ACCOUNT_LAG_BYTES = 16 * 1024 * 1024

/** What a live tail gives at once. */
export const MAX_TAIL_BYTES = 4 * 1024 * 1024

/** How long, and how much, of what the drain takes away is kept for those who watch: a watcher asks several times a second. */
export const HELD_FOR_MS = 10_000
export const HELD_BYTES = 16 * 1024 * 1024

/** Devices whose clocks a journal remembers: 56 bytes each, in one row. */
export const MAX_CLOCKS = 25_000

/** Lines that go into one Parquet file, before compression. Columns, file and what is read back to check it fit beside them in a Worker's 128 MB. */
export const MAX_PART_BYTES = 16 * 1024 * 1024

/** Rows of one group of a Parquet file: what a reader holds in memory at a time. */
export const PARQUET_GROUP_ROWS = 10_000

/** Time from the commit of a compaction to the deletion of what it replaced, for readers that listed before to finish. */
export const COMPACTION_GRACE_MS = 60 * 60 * 1000

/** How long one call goes on compacting before it says that more is left. The step under way is finished. */
export const MAX_COMPACTION_MS = 10_000

/** Keys in one call that deletes (platform limit). */
export const MAX_DELETED_KEYS = 1000

/** A day is closed this long after its end (UTC): a request that began in it may be stored only after it. */
export const DAY_CLOSE_MS = 15 * 60 * 1000

/** Closed days that the cron looks at; older ones are compacted by `POST /api/compact`. */
export const CRON_COMPACTION_DAYS = 3

/** What a Parquet file counts in `MAX_OBJECTS_PER_PAGE`: it takes about as long to read as so many small objects. */
export const PART_WEIGHT = 50

/** Length of all lines of one page, in UTF-16 units; a page that is full ends early. Journals share it, since each may answer in at most 32 MiB (platform limit) and the page is put together in 128 MB. */
export const MAX_PAGE_LENGTH = 8 * 1024 * 1024

/** Pause between two questions of a live stream to the journals. */
export const LIVE_POLL_MS = 300

/** A comment is sent after this long without an event: nobody between takes the stream for dead, and only a write tells that the client has gone. */
export const LIVE_HEARTBEAT_MS = 3000

/** Calls of journals in one live stream; then it ends, and the client connects again. A request may make 10,000 (platform limit). */
export const MAX_LIVE_CALLS = 9_000

/** Events that a live stream catches up on after a cursor; who missed more reads the export. */
export const MAX_CATCH_UP_EVENTS = 10_000

/** Quarantine records that are replayed at a time, each with an append of its own. */
export const REPLAY_CONCURRENCY = 10

/** Events of one quarantine record that are appended at once; one that was refused for their number may have many. */
export const REPLAY_CHUNK_EVENTS = 500

/** Events that a preview of a replay shows. */
export const MAX_REPLAY_SAMPLES = 20

/** Ids of quarantine records that one replay may name. */
export const MAX_REPLAY_IDS = 500

/** The body of a call of the API. */
export const MAX_API_BODY_BYTES = 256 * 1024

/** Components of profiles that a shard keeps in memory, roughly; the rest of an isolate's 128 MB is for what is being read. */
export const PROFILE_CACHE_BYTES = 32 * 1024 * 1024

/** From this size on the records of a component go into another row. Small enough to read one for a page of a timeline. */
export const MAX_PACK_BYTES = 64 * 1024

/** How long changes of profiles are kept for those who follow them. */
export const CHANGES_KEPT_MS = 30 * 24 * 60 * 60 * 1000

/** Lines of one call of the profiles when they are fed from the lake, in UTF-16 units. */
export const MAX_FEED_LENGTH = 2 * 1024 * 1024

/** How long one call goes on feeding the profiles from the lake, or taking old records out of them, before it says that more is left. The day under way is finished. */
export const MAX_REBUILD_MS = 10_000

/** Digests on one page: each needs its component in memory for a moment. */
export const MAX_DIGESTS_PER_PAGE = 500

/** Components that a search looks at in each shard; a longer text finds fewer. */
export const MAX_SEARCH_COMPONENTS = 500

/** Undrained bytes from which a journal lets rows go that the profiles have not taken; they are read from the lake later. */
export const MAX_PROFILE_LAG_BYTES = 16 * 1024 * 1024

/** How long a drain waits for the profiles, and one shard of them for another; they go on, and the next attempt is told. */
export const PROFILE_FEED_TIMEOUT_MS = 20_000

/** Longest wait for a shard of profiles, after a failure, before the next attempt. */
export const PROFILE_RETRY_MS = 1000
/** How often a day of the lake is read again that changes while events are taken out of it: a compaction has as many steps. */
export const MAX_REMOVAL_TRIES = 10

/** How long an instance of the collector goes on with what it knows of suppressed people. What it stores meanwhile is taken out after it. */
export const SUPPRESSIONS_TTL_MS = 30_000

/** How long one caller has the carrying out of privacy requests to itself; should it die, the next goes on after it. */
export const PRIVACY_LEASE_MS = 60_000

/** How long a call of `/api/privacy` waits for its request to be carried out, before it answers that this goes on. */
export const PRIVACY_WAIT_MS = 10_000

/** Erasures that are taken out of journals and lake at once. */
export const ERASURES_PER_SWEEP = 1000

/** Identifiers that one privacy request may name. */
export const MAX_SUBJECTS = 20

/** Events in one part of an exported archive: what is in memory at a time. */
export const EXPORT_PART_EVENTS = 500
