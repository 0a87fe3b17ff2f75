import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { ADMIN_TOKEN, ROOT, WRITE_KEY } from './collector.ts'

/** The program that a person calls as `tributary`. */
export const TRIBUTARY: string = join(ROOT, 'packages/cli/bin/tributary.js')

/** What a program has left behind. */
export interface Ran {
  code: number | null
  stdout: string
  stderr: string
}

/** A program of which nobody types into its stdin. */
type Child = ChildProcessByStdio<null, Readable, Readable>

/** Starts it, without a terminal. */
export function startTributary(args: string[], cwd: string, env: Record<string, string>): Child {
  return spawn(process.execPath, [TRIBUTARY, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Where a collector is, as the environment tells it. */
export function environmentOf(url: string): Record<string, string> {
  return {
    TRIBUTARY_ENDPOINT: url,
    TRIBUTARY_WRITE_KEY: WRITE_KEY,
    TRIBUTARY_ADMIN_TOKEN: ADMIN_TOKEN,
  }
}

/** Waits for a program's end. */
export async function endOf(child: Child): Promise<Ran> {
  const [stdout, stderr, [code]] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ])
  return { code, stdout, stderr }
}

async function textOf(stream: Readable): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += chunk
  return text
}
