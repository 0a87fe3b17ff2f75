import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { type EventLogOptions, openEventLog } from '../src/disk-log.ts'
import type { EventLog, LogRecord } from '../src/event-log.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Runs behind the test. */
export function atEnd(cleanup: () => unknown): void {
  cleanups.push(cleanup)
}

/** A directory that goes with the test. */
export function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-log-'))
  atEnd(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** A log that is closed behind the test, and what it complained of. */
export function openLog(
  directory: string,
  options: Partial<EventLogOptions> = {},
): { log: EventLog; failures: string[] } {
  const failures: string[] = []
  const log = openEventLog({
    directory,
    fsync: 'interval',
    fsyncIntervalMs: 5,
    onFailure: (error) => failures.push(error.message),
    ...options,
  })
  atEnd(() => log.close())
  return { log, failures }
}

/** Everything that is unread. */
export async function readAll(log: EventLog, maxBytes = 1000): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  for (;;) {
    const read = await log.read(maxBytes)
    if (read.length === 0) return records
    records.push(...read)
  }
}

/** An event of about so many bytes. */
export function event(name: string | number, bytes = 0): string {
  return JSON.stringify({ event: String(name), properties: { text: 'é'.repeat(bytes / 2) } })
}

/** Its name. */
export function nameOf(json: string): string {
  return (JSON.parse(json) as { event: string }).event
}

/** Names of what is unread. */
export async function readNames(log: EventLog, maxBytes?: number): Promise<string[]> {
  return (await readAll(log, maxBytes)).map(({ json }) => nameOf(json))
}

/** Files of all homes. */
export function listFiles(directory: string, pattern: RegExp): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(directory, name))
}

/** The end of the running task, and of what it has started at once. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
