import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { callApi, WRITE_KEY } from './collector.ts'
import { endOf, environmentOf, type Ran, startTributary, TRIBUTARY } from './tributary.ts'
import { useCollector } from './use-collector.ts'

const collector = useCollector()

beforeAll(async () => {
  const traits = { email: 'ann@canary.example', name: 'Ann Canary' }
  await send([
    { type: 'page', name: 'Home', anonymousId: 'laptop-canary' },
    { type: 'identify', userId: 'user-canary', anonymousId: 'laptop-canary', traits },
    { type: 'page', name: 'Cart', anonymousId: 'phone-canary' },
    {
      type: 'identify',
      userId: 'user-canary',
      anonymousId: 'phone-canary',
      traits: { plan: 'pro' },
    },
    { type: 'track', event: 'Seen', anonymousId: 'somebody' },
  ])
})

/** As two devices send it; afterwards the profiles have it. */
async function send(batch: object[]): Promise<void> {
  const body = JSON.stringify({ writeKey: WRITE_KEY, batch })
  const answer = await fetch(`${collector.url}/v1/batch`, { method: 'POST', body })
  expect(answer.status).toBe(200)
  await callApi(collector.url, '/api/drain', 'POST')
}

function run(...args: string[]): Promise<Ran> {
  return endOf(startTributary(args, collector.folder, environmentOf(collector.url)))
}

/** Runs it to its end, which has to be a good one, and reads what it has printed. */
async function ask(...args: string[]) {
  const { code, stdout, stderr } = await run(...args, '--json')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

/** Whether events of these names are stored. */
async function isStored(...names: string[]): Promise<boolean[]> {
  const { stdout } = await run('events', '--limit', '100', '--json')
  return names.map((name) => stdout.includes(`"event":"${name}"`))
}

test('a person of two devices is shown with identifiers, traits and events, by any of them', async () => {
  const person = {
    ids: {
      userId: ['user-canary'],
      email: ['ann@canary.example'],
      anonymousId: ['laptop-canary', 'phone-canary'],
    },
    traits: { email: 'ann@canary.example', name: 'Ann Canary', plan: 'pro' },
    eventCount: 4,
  }
  const found = await ask('profile', 'email:Ann@Canary.example')
  expect(found).toMatchObject(person)
  const plain = await run('profile', found.profileId, '--events')
  expect(plain).toMatchObject({ code: 0, stderr: '' })
  expect(plain.stdout).toMatch(/^ {2}anonymousId +\["laptop-canary","phone-canary"\]$/m)
  expect(plain.stdout).toMatch(/^ {2}plan +pro$/m)
  const events = plain.stdout.trimEnd().split('\n').slice(-4)
  expect(events.map((line) => line.split(/ {2,}/).slice(1, 3))).toEqual(
    expect.arrayContaining([
      ['page', 'Cart'],
      ['identify', 'user-canary'],
    ]),
  )
})

test('why tells the chain of events between two devices, and that two people have none', async () => {
  const pair = ['anonymousId:laptop-canary', 'anonymousId:phone-canary'] as const
  const { verdict, chain } = await ask('why', ...pair)
  expect(verdict).toBe('together')
  expect(
    chain.map((link: Record<'lead' | 'other', { key: string }>) => [link.lead.key, link.other.key]),
  ).toEqual([
    ['userId:user-canary', 'anonymousId:laptop-canary'],
    ['userId:user-canary', 'anonymousId:phone-canary'],
  ])
  const plain = await run('why', ...pair)
  const [first, ...links] = plain.stdout.trimEnd().split('\n')
  expect(first).toBe('one person')
  expect(links).toEqual([
    expect.stringMatching(
      /^ {2}\S+Z {2}userId:user-canary — anonymousId:laptop-canary {2}link \S+$/,
    ),
    expect.stringMatching(
      /^ {2}\S+Z {2}userId:user-canary — anonymousId:phone-canary {2}link \S+$/,
    ),
  ])
  const apart = await run('why', pair[0], 'anonymousId:somebody')
  expect(apart).toMatchObject({ code: 0, stdout: 'two people: no event connects them\n' })
})

test('who is not known, and what is no identifier, is said in one line with a code', async () => {
  const wrong: [string[], number, RegExp][] = [
    [['profile', 'userId:nobody'], 1, /^unknown_profile: .* half a minute .*\n$/],
    [
      ['why', 'userId:nobody', 'userId:user-canary'],
      1,
      /^unknown_identifier: .*"userId:nobody".*\n$/,
    ],
    [['profile', 'nonsense'], 2, /^invalid_identifier: .*\n$/],
    [['suppress', 'nonsense'], 2, /^invalid_identifier: .*\n$/],
    [['erase', 'nonsense', '--yes'], 2, /^invalid_identifier: .*\n$/],
  ]
  await Promise.all(
    wrong.map(async ([args, code, line]) => {
      const ran = await run(...args)
      expect(ran, args.join(' ')).toMatchObject({ code, stdout: '' })
      expect(ran.stderr).toMatch(line)
    }),
  )
})

test('a doctor follows the test event into a profile, and verify finds lake and profiles equal', async () => {
  const { code, stdout } = await run('doctor')
  expect(code).toBe(0)
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^ok +profile +the test event has one$/)
  expect(await ask('verify')).toEqual({ records: 6, components: 3, differences: [] })
  expect(await run('verify')).toMatchObject({
    code: 0,
    stdout: '6 records, 3 components, 0 differences\n',
  })
})

const TODAY = new Date().toISOString().slice(0, 10)
const REFRESH = ['export', '--out', 'copy', '--source', 'demo']

function copyOf(date: string): string {
  return join(collector.folder, 'copy', `events-${date}.ndjson`)
}

test('an export that is refreshed writes no day that is as it was, and keeps those that the lake has lost', async () => {
  await well(run(...REFRESH))
  expect(readFileSync(copyOf(TODAY), 'utf8')).toContain('ann@canary.example')
  // As it was exported before the lake was lost, or retention took it away.
  const path = join(collector.folder, 'copy', '.export.json')
  const note = JSON.parse(readFileSync(path, 'utf8'))
  note.days['2026-01-01'] = note.days[TODAY]
  writeFileSync(path, JSON.stringify(note))
  copyFileSync(copyOf(TODAY), copyOf('2026-01-01'))
  expect(await run(...REFRESH)).toEqual({
    code: 0,
    stdout: '0 days written, 1 there already\n',
    stderr: 'Kept, though the lake has nothing of these days any more: 2026-01-01.\n',
  })
  expect(existsSync(copyOf('2026-01-01'))).toBe(true)
})

test('of whoever is suppressed nothing more is stored, until that is undone', async () => {
  const receipt = await ask('suppress', 'userId:user-canary')
  expect(receipt).toMatchObject({ operation: 'suppress', status: 'done' })
  expect(receipt.receipt.signature).toMatch(/^[0-9a-f]{64}$/)
  await send([
    { type: 'track', event: 'While Suppressed', userId: 'user-canary' },
    { type: 'track', event: 'Of Another', userId: 'another' },
  ])
  expect(await isStored('While Suppressed', 'Of Another')).toEqual([false, true])
  const undone = await run('suppress', 'userId:user-canary', '--undo')
  expect(undone).toMatchObject({ code: 0, stderr: '' })
  expect(undone.stdout).toMatch(/^unsuppressed userId:user-canary\n {2}request +\S+\n/)
  await send([{ type: 'track', event: 'After It', userId: 'user-canary' }])
  expect(await isStored('While Suppressed', 'After It')).toEqual([false, true])
})

/** What has ended as it should. */
async function well(running: Promise<Ran>): Promise<Ran> {
  const ran = await running
  expect(ran).toMatchObject({ code: 0, stderr: '' })
  return ran
}

/** Runs it on a terminal, types an answer to its question, and gives its exit code and what stood on the screen. */
async function answer(typed: string, ...args: string[]): Promise<{ code: number; screen: string }> {
  const quoted = [process.execPath, TRIBUTARY, ...args].map((word) => `'${word}'`).join(' ')
  const child = spawn('script', ['-qec', quoted, '/dev/null'], {
    cwd: collector.folder,
    env: { ...process.env, ...environmentOf(collector.url) },
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 20_000,
  })
  let screen = ''
  let isAsked = false
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text
    if (isAsked || !screen.includes('again: ')) return
    isAsked = true
    child.stdin.write(typed)
  })
  const [code] = (await once(child, 'exit')) as [number]
  return { code, screen }
}

test('an erasure asks first, ends with a receipt, and leaves nothing of the person behind', async () => {
  const id = 'userId:user-canary'
  const unasked = await run('erase', id)
  expect(unasked).toMatchObject({ code: 2, stdout: '' })
  expect(unasked.stderr).toMatch(/^not_confirmed: .*--yes.*\n$/)
  // Another identifier, Ctrl-D and Ctrl-C.
  await Promise.all(
    ['userId:other\n', '\u0004', '\u0003'].map(async (typed) => {
      const { code, screen } = await answer(typed, 'erase', id)
      expect(screen).toContain('not_confirmed: Nothing was erased.')
      expect(code).toBe(2)
    }),
  )
  expect(await ask('profile', id)).toMatchObject({ eventCount: 5 })
  const { code, screen } = await answer(`${id}\n`, 'erase', id)
  expect(screen).toMatch(/erased userId:user-canary\r?\n/)
  expect(screen).toMatch(/ {2}events +5\r?\n/)
  expect(screen).toMatch(/ {2}signature +[0-9a-f]{64}\r?\n/)
  expect(code).toBe(0)

  const gone = await run('profile', id)
  expect(gone).toMatchObject({ code: 1, stdout: '' })
  expect(gone.stderr).toMatch(/^unknown_profile: /)
  const [refreshed] = await Promise.all([run(...REFRESH), run('verify')].map(well))
  expect(refreshed?.stdout).toMatch(/events-2026-01-01\.ndjson: removed.*\n1 days written, 0 there/)
  expect(existsSync(copyOf('2026-01-01'))).toBe(false)
  const after = readFileSync(copyOf(TODAY), 'utf8')
  expect(after).toContain('Of Another')
  expect(after.toLowerCase()).not.toContain('canary')

  const again = await run('erase', id, '--yes', '--json')
  expect(again.code).toBe(0)
  expect(again.stderr).toMatch(/^No event was stored of userId:user-canary\./)
  expect(JSON.parse(again.stdout)).toMatchObject({ status: 'done', counts: { events: 0 } })
})
