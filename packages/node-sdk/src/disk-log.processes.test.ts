import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import { newDirectory } from '../test/log.ts'
import { createLogProcesses } from '../test/log-processes.ts'

/** Kills for each case; `npm run kill-node` asks for more. */
const KILLS = Number(process.env.TRIBUTARY_KILLS ?? 3)

// A process of its own can only run what is built.
beforeAll(() => {
  execFileSync('npx', ['tsc', '-b'], { cwd: fileURLToPath(new URL('..', import.meta.url)) })
})

it.for([
  [4, 'interval'],
  [2, 'always'],
] as const)(
  'keeps what %i processes have synced (%s) in one hand each, whichever is killed when',
  { timeout: 60_000 + KILLS * 1000 },
  async ([processes, fsync]) => {
    const directory = newDirectory()
    const { account, run, drain } = createLogProcesses(directory, fsync)
    await run(processes, KILLS)
    await drain()
    expect(account.faults).toEqual([])
    expect(account.synced.size).toBeGreaterThan(KILLS)
    expect([...account.synced].filter((event) => !account.ending.has(event))).toEqual([])
    // All is reclaimed, the homes of the dead too, but for what was killed while it made one.
    expect(readdirSync(directory).filter((name) => !name.endsWith('.new'))).toEqual([])
  },
)
