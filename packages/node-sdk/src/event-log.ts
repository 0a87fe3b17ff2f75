/** Where a record lies. Opaque to all but the log. */
export type LogRef = object

/** An event that the log gives back. */
export interface LogRecord {
  ref: LogRef
  /** The text that was appended. */
  json: string
}

/** What a log holds, and what went wrong with it. */
export interface EventLogStats {
  /** Records that nobody holds in memory, and their bytes. */
  unread: { events: number; bytes: number }
  /** Bytes on disk. */
  bytes: number
  /** Damaged records that were set aside. */
  corrupt: number
  /** Appends that the disk, or the log's byte cap, refused. */
  refused: number
}

/** Keeps events until they have their outcome. None of its functions throws or rejects, and it never keeps a process alive. */
export interface EventLog {
  /**
   * Appends an event.
   *
   * With the policy `always` it is on the platter when this returns. With `interval` and `os` it is in the kernel, safe
   * from a SIGKILL of the process, at the latest at the end of the running task; with `interval` it is then synced within
   * `fsyncIntervalMs`.
   *
   * @param json One event, as `JSON.stringify` gives it.
   * @param isLoaded The caller also holds it in memory, so that {@link EventLog.read} does not give it again.
   * @returns `undefined` when the disk or the log's byte cap refuses: it is counted, `onFailure` hears of it once until it
   * goes well again, and the event is the caller's alone.
   */
  append(json: string, isLoaded: boolean): LogRef | undefined
  /** Resolves when all that was appended is as safe as the policy makes it, or the log is closed. Keeps the process alive until then. */
  synced(): Promise<void>
  /**
   * The oldest records that nobody holds in memory: of earlier runs, of dead processes, and those appended with
   * `isLoaded` false. From then on the caller holds them.
   *
   * @param maxBytes Most bytes of JSON together; one record comes in any case.
   * @returns Empty when there are none.
   */
  read(maxBytes: number): Promise<LogRecord[]>
  /** These have their outcome: no process reads them again, and their space is reclaimed. */
  end(refs: readonly LogRef[]): void
  stats(): EventLogStats
  /** Resolves when everything is written and synced; what has not ended is then free for other processes. */
  close(): Promise<void>
}
