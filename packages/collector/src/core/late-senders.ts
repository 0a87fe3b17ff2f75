/**
 * Libraries that write `sentAt` when they close a file of events and upload the file whenever they can: hours of being
 * offline look like a clock that is hours behind. Sources: analytics-swift `DirectoryStore.swift`, analytics-kotlin
 * `Storage.kt`, and the note in Segment's `spec/common.md`. The older analytics-ios and analytics-android are not among
 * them: they write it as they send (`SEGSegmentIntegration.m`, `SegmentIntegration.java`).
 */
const LATE_SENDERS: ReadonlySet<unknown> = new Set(['analytics-swift', 'analytics-kotlin'])

/**
 * Whether an event's `sentAt` may be much earlier than its sending.
 *
 * @param libraryName The event's `context.library.name`.
 */
export function isLateSender(libraryName: unknown): boolean {
  return LATE_SENDERS.has(libraryName)
}
