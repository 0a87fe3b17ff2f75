import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  ADMIN_TOKEN,
  type Collector,
  exportEvents,
  freePort,
  newFolder,
  ROOT,
  removeFolder,
  startCollector,
  WRITE_KEY,
} from './collector.ts'

const GUIDE = readFileSync(join(ROOT, 'docs/crm.md'), 'utf8')
const folder = newFolder()
let collector: Collector

beforeAll(async () => {
  collector = await startCollector(await freePort(), join(folder, 'data'))
  for (const [, name, content] of GUIDE.matchAll(/^`([\w.]+)`\n```\w+\n(.*?)^```$/gms)) {
    writeFileSync(join(folder, name as string), content as string)
  }
  mkdirSync(join(folder, 'bin'))
  const program = join(folder, 'bin', 'tributary')
  writeFileSync(
    program,
    `#!/bin/sh\nexec "${process.execPath}" "${ROOT}packages/cli/bin/tributary.js" "$@"\n`,
  )
  chmodSync(program, 0o755)
})

afterAll(async () => {
  await collector.kill().catch(() => undefined)
  removeFolder(folder)
})

/** Runs a command of the guide as it stands there. */
function run(command: string) {
  return spawnSync('sh', ['-c', command], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
      TRIBUTARY_ENDPOINT: collector.url,
      TRIBUTARY_WRITE_KEY: WRITE_KEY,
      TRIBUTARY_ADMIN_TOKEN: ADMIN_TOKEN,
    },
  })
}

const COMMANDS = [...GUIDE.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
  block.trim().split('\n'),
)

/** A line in another encoding than the rest of its file. */
function windows(line: string): Buffer {
  return Buffer.from(line, 'latin1')
}

function write(name: string, lines: (string | Buffer)[], end = '\n'): void {
  const bytes = lines.flatMap((line) => [Buffer.from(line), Buffer.from(end)])
  writeFileSync(join(folder, name), Buffer.concat(bytes))
}

function writeExports(): void {
  const heading =
    'Contact ID;First name;Last name;Email;Phone;Company ID;Company;Lifecycle stage;Newsletter;Last modified'
  write(
    'contacts.csv',
    [
      // A byte order mark, as spreadsheets write it.
      `\ufeff${heading}`,
      '1;Jürgen;Groß;juergen@example.com;+49 431 1;77;"Groß & Söhne; ""Nord""";Kunde;ja;31.01.2026 09:05',
      // The CRM was merged from two; this part was never UTF-8.
      windows('2;Zoë;Müller;zoe@example.com;;77;Groß & Söhne;Kunde;ja;01.07.2026 09:05'),
      '1;Jürgen;Groß;juergen@example.com;+49 431 1;77;"Groß & Söhne; ""Nord""";Kunde;ja;31.01.2026 09:05',
      '3;Ada;Lovelace;ada@example.com;;;;Interessent;nein;01.02.2026 10:00',
      '4;"Grace;Hopper;grace@example.com;;;;Kunde;ja;01.02.2026 10:00',
      ';No;Number;none@example.com;;;;Kunde;ja;01.02.2026 10:00',
      '5;Alan;Turing;alan@example.com;;;;Kunde;ja;01.02.2026 10:00',
      '6;Edsger;Dijkstra;edsger@example.com;;;;Kunde;vielleicht;01.02.2026 10:00',
      '7;Too;Few;fields',
      '8;"Multi',
      'Line";Person;multi@example.com;;;;Kunde;ja;01.02.2026 10:00',
      '9;Late;Example;late@example.com;;;;Kunde;ja;31.02.2026 10:00',
    ],
    '\r\n',
  )
  write('deals.csv', [
    'Deal ID;Contact ID;Stage;Amount;Created;Closed',
    '100;1;Gewonnen;1.234,50 €;01.01.2026;31.01.2026',
    // The sign of the euro is 0x80 in Windows-1252.
    windows('101;2;Gewonnen;"2.000,00 \u0080";01.01.2026;01.02.2026'),
    '102;5;closedwon;1000,01;01.01.2026;02.02.2026',
    '103;3;Offen;;05.01.2026;',
    '104;8;Gewonnen;1.5;06.01.2026;07.01.2026',
    '105;;Gewonnen;5,00;06.01.2026;07.01.2026',
  ])
  write('tickets.csv', [
    'Ticket ID,Contact ID,Subject,Status,Created,Closed',
    windows(
      't1,2,"Lieferung verspätet, ""dringend""\nBitte um Rückruf",open,2026-02-01T08:00:00Z,',
    ),
    't2,5,Gelöst,closed,2026-02-01T08:00:00Z,2026-02-02T08:00:00Z',
    't3,1,Nie passiert,closed,2026-02-30,2026-02-02T08:00:00Z',
  ])
}

test('exports of a CRM with the usual faults become profiles and events, and an audience leaves', async () => {
  writeExports()
  expect(COMMANDS.map((command) => command.split(' ')[1])).toEqual([
    'import',
    'import',
    'import',
    'sql',
  ])
  const [contacts, deals, tickets, audience] = COMMANDS.map(run)
  expect(contacts).toMatchObject({ status: 3 })
  expect(contacts?.stdout).toBe(
    'contacts.csv: 11 rows: 7 events stored, 2 known already, 5 refused; see contacts.csv.refused.ndjson\n',
  )
  expect(
    contacts?.stderr.split('\n').map((line) => line.split(': ').slice(0, 2).join(' ')),
  ).toEqual([
    'contacts.csv:6 invalid_csv',
    'contacts.csv:7 missing_identity',
    'contacts.csv:9 invalid_boolean',
    'contacts.csv:10 invalid_csv',
    'contacts.csv:13 invalid_time',
    '',
  ])
  // What the guide shows is what is said.
  for (const line of /^```text\n(.*?)^```$/ms.exec(GUIDE)?.[1]?.trim().split('\n') ?? ['none']) {
    expect(contacts?.stderr).toContain(line)
  }
  expect(deals?.stderr).toMatch(
    /^deals.csv:6: invalid_number.*\ndeals.csv:7: missing_identity.*\n$/,
  )
  expect(tickets?.stderr).toMatch(
    /^tickets.csv:5: invalid_time: timestamp: .*"2026-02-30" is no time\.\n$/,
  )

  const events = await exportEvents(collector.url)
  const people = events.filter(({ type }) => type === 'identify')
  expect(
    people
      .map(({ userId, timestamp, traits }) => [userId, timestamp, traits.name, traits.stage])
      .sort(),
  ).toEqual([
    ['crm-1', '2026-01-31T08:05:00.000Z', 'Jürgen Groß', 'customer'],
    ['crm-2', '2026-07-01T07:05:00.000Z', 'Zoë Müller', 'customer'],
    ['crm-3', '2026-02-01T09:00:00.000Z', 'Ada Lovelace', 'lead'],
    ['crm-5', '2026-02-01T09:00:00.000Z', 'Alan Turing', 'customer'],
    ['crm-8', '2026-02-01T09:00:00.000Z', 'Multi\nLine Person', 'customer'],
  ])
  const groups = events.filter(({ type }) => type === 'group')
  expect(groups.map(({ groupId, traits }) => [groupId, traits.name]).sort()).toEqual([
    ['company-77', 'Groß & Söhne'],
    ['company-77', 'Groß & Söhne; "Nord"'],
  ])
  const [subject] = events.filter(({ properties }) => properties?.ticketId === 't1')
  expect(subject?.properties.subject).toBe('Lieferung verspätet, "dringend"\nBitte um Rückruf')

  expect(audience).toMatchObject({ status: 0, stderr: '' })
  expect(readFileSync(join(folder, 'audience.csv'), 'utf8')).toBe(
    'email,name,total\njuergen@example.com,Jürgen Groß,1234.5\nalan@example.com,Alan Turing,1000.01\n',
  )

  // The same night's export again, and then one in which a contact has changed.
  for (const command of COMMANDS.slice(0, 3))
    expect(run(command).stdout).toContain(' 0 events stored')
  const changed = readFileSync(join(folder, 'contacts.csv'), 'latin1')
  writeFileSync(
    join(folder, 'contacts.csv'),
    Buffer.from(changed.replace('Interessent;nein;01.02.2026', 'Kunde;ja;03.02.2026'), 'latin1'),
  )
  expect(run(COMMANDS[0] as string).stdout).toContain(' 1 events stored')
})
