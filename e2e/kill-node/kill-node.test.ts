import { afterAll, expect, test } from 'vitest'
import { freePort, newFolder, removeFolder } from '../collector.ts'
import { createRandom } from '../crash/random.ts'
import { killServers } from './campaign.ts'

/** How many servers are killed; `npm run kill-node -- <rounds> <seed>` sets it. */
const ROUNDS = Number(process.env.TRIBUTARY_KILL_ROUNDS ?? 6)
const SEED = Number(process.env.TRIBUTARY_KILL_SEED ?? 5)

const folders: string[] = []
afterAll(() => folders.forEach(removeFolder))

function folder(): string {
  const path = newFolder()
  folders.push(path)
  return path
}

test('everything that a server has promised arrives once, whenever it is killed', {
  timeout: 240_000 + ROUNDS * 3000,
}, async () => {
  const { lost, doubled, faults, ...score } = await killServers(
    {
      port: await freePort(),
      dataDirectory: folder(),
      queueDirectory: folder(),
      random: createRandom(SEED),
    },
    ROUNDS,
  )
  // biome-ignore lint/suspicious/noConsole: what a long run has done
  console.info(`${ROUNDS} servers killed, ${JSON.stringify(score)}`)
  expect({ lost, doubled, faults }).toEqual({ lost: [], doubled: [], faults: [] })
  expect(score.promised).toBeGreaterThan(ROUNDS * 10)
  expect(score.exported).toBeGreaterThanOrEqual(score.promised)
})
