import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Miniflare } from 'miniflare'
import { expect, test } from 'vitest'
import { ADMIN_TOKEN, type Event, exportEvents, ROOT, WRITE_KEY } from './collector.ts'
import { endOf, environmentOf, type Ran, startTributary, TRIBUTARY } from './tributary.ts'
import { useCollector } from './use-collector.ts'

const collector = useCollector()

function start(args: string[], env: Record<string, string> = {}) {
  return startTributary(args, collector.folder, { ...environmentOf(collector.url), ...env })
}

/** Runs the program as a person would, to its end. */
function run(args: string[], env: Record<string, string> = {}): Promise<Ran> {
  return endOf(start(args, env))
}

function file(name: string, content: string | Buffer): string {
  const path = join(collector.folder, name)
  writeFileSync(path, content)
  return path
}

async function stored(matches: (event: Event) => boolean): Promise<Event[]> {
  return (await exportEvents(collector.url)).filter(matches)
}

test('an event that is sent is listed at once', async () => {
  const sent = await run([
    'send',
    'track',
    'Order Completed',
    '--user-id',
    'sender',
    '--properties',
    '{"total":49.9}',
    '--json',
  ])
  expect(sent).toMatchObject({ code: 0, stderr: '' })
  const { messageId, status } = JSON.parse(sent.stdout)
  expect(status).toBe('accepted')
  const listed = await run(['events', '--user-id', 'sender', '--json'])
  expect(listed.code).toBe(0)
  expect(
    listed.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([{ messageId, event: 'Order Completed', properties: { total: 49.9 } }])
  const line = await run(['events', '--user-id', 'sender'])
  expect(line.stdout).toMatch(/^\S+Z {2}track +Order Completed +sender {2}\{"total":49.9\}\n$/)
})

test('what goes wrong is one line with a code, and its exit code says of what kind it is', async () => {
  for (const [args, code, line, env] of [
    [['send', 'track'], 2, /^missing_event_name: .*\n$/],
    [['send', 'nothing'], 2, /choices|Allowed/],
    [['events', '--limit', 'x'], 2, /^invalid_limit: .*\n$/],
    [['events'], 1, /^unauthorized: .*\n$/, { TRIBUTARY_ADMIN_TOKEN: 'wrong-token' }],
    [
      ['events', '--json'],
      1,
      /^\{"error":\{"code":"unreachable",.*\}\n$/,
      { TRIBUTARY_ENDPOINT: 'http://127.0.0.1:1' },
    ],
    [['events'], 2, /^invalid_endpoint: .*\n$/, { TRIBUTARY_ENDPOINT: 'nowhere' }],
    [['send', 'page'], 1, /^unknown_write_key: .*\n$/, { TRIBUTARY_WRITE_KEY: 'wk_wrong' }],
    [['import', 'missing.csv'], 1, /^file_missing: .*\n$/],
  ] as [string[], number, RegExp, Record<string, string>?][]) {
    const ran = await run(args, env)
    expect(ran.stderr, args.join(' ')).toMatch(line)
    expect(ran).toMatchObject({ code, stdout: '' })
  }
})

test('an import that runs twice adds nothing, and bad rows are told by line and stop no others', async () => {
  const path = file(
    'people.csv',
    'Id;Name;Joined\n1;Ada;2026-01-31\n2;"Grace\n3;Anna;soon\n;Nobody;2026-01-31\n1;Ada;2026-01-31\n4;"Müller; ""GmbH""";2026-02-01\n',
  )
  const flags = ['--type', 'identify', '--user-id', '{Id}', '--anonymous-id', 'twice-{Id}']
  const args = ['import', path, ...flags, '--timestamp', '{Joined}', '--json']
  const counts = { rows: 6, refused: 3, resumedAt: 0, refusedFile: `${path}.refused.ndjson` }
  const first = await run(args)
  expect(first.code).toBe(3)
  expect(JSON.parse(first.stdout)).toMatchObject({ ...counts, stored: 2, duplicates: 1 })
  expect(first.stderr.split('\n').map((line) => line.slice(path.length, path.length + 20))).toEqual(
    [':3: invalid_csv: A q', ':4: invalid_time: ti', ':5: missing_identity', ''],
  )
  const refused = readFileSync(`${path}.refused.ndjson`, 'utf8')
  expect(
    refused
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { line: 3, code: 'invalid_csv', text: '2;"Grace' },
    { line: 4, code: 'invalid_time', record: { Id: '3', Name: 'Anna', Joined: 'soon' } },
    { line: 5, code: 'missing_identity', record: { Name: 'Nobody' } },
  ])
  const second = await run(args)
  expect(JSON.parse(second.stdout)).toMatchObject({ ...counts, stored: 0, duplicates: 3 })
  expect(readFileSync(`${path}.refused.ndjson`, 'utf8')).toBe(refused)

  // What is mended there is imported from there.
  const mended = file(
    'mended.ndjson',
    refused.split('\n')[1]?.replaceAll('soon', '2026-03-01') ?? '',
  )
  const third = await run(['import', mended, ...flags, '--timestamp', '{Joined}', '--json'])
  expect(JSON.parse(third.stdout)).toMatchObject({ stored: 1, refused: 0 })
  expect(existsSync(`${mended}.refused.ndjson`)).toBe(false)

  const events = await stored(({ anonymousId }) => anonymousId?.startsWith('twice-'))
  const told = events.map(({ userId, timestamp, traits }) => [userId, timestamp, traits.Name])
  expect(told.sort()).toEqual([
    ['1', '2026-01-31T00:00:00.000Z', 'Ada'],
    ['3', '2026-03-01T00:00:00.000Z', 'Anna'],
    ['4', '2026-02-01T00:00:00.000Z', 'Müller; "GmbH"'],
  ])
})

test('an import that is killed goes on where it was, and every row is stored once', async () => {
  const rows = Array.from({ length: 14_000 }, (_, row) =>
    row % 1000 === 999
      ? `${row},not a time`
      : `${row},2026-01-${(row % 28) + 1 < 10 ? '0' : ''}${(row % 28) + 1}`,
  )
  const path = file('killed.csv', `Number,Day\n${rows.join('\n')}\n`)
  const args = [
    'import',
    path,
    '--type',
    'track',
    '--event',
    'Killed',
    '--user-id',
    'k{Number}',
    '--timestamp',
    '{Day}',
    '--json',
  ]
  const note = `${path}.import.json`
  for (let kills = 0; kills < 2; kills++) {
    const before = existsSync(note) ? readFileSync(note, 'utf8') : ''
    const child = start(args)
    const ended = once(child, 'exit')
    await expect
      .poll(() => existsSync(note) && readFileSync(note, 'utf8') !== before, {
        interval: 2,
        timeout: 20_000,
      })
      .toBe(true)
    child.kill('SIGKILL')
    expect((await ended)[1]).toBe('SIGKILL')
  }
  const { stdout, code } = await run(args)
  const result = JSON.parse(stdout)
  expect(code).toBe(3)
  expect(result.resumedAt).toBeGreaterThanOrEqual(8000)
  expect(result).toMatchObject({ rows: 14_000, refused: 14 })
  expect(result.stored + result.duplicates).toBe(13_986)
  const events = await stored(({ event }) => event === 'Killed')
  expect(events.length).toBe(13_986)
  expect(new Set(events.map(({ userId }) => userId)).size).toBe(13_986)
  const refused = readFileSync(`${path}.refused.ndjson`, 'utf8').trim().split('\n')
  expect(refused.map((line) => JSON.parse(line).line)).toEqual(
    Array.from({ length: 14 }, (_, index) => (index + 1) * 1000 + 1),
  )
  expect(existsSync(note)).toBe(false)
})

test('an export has every event once, in each format, and a lake that is asked agrees', async () => {
  const events = await exportEvents(collector.url)
  const ids = events.map(({ messageId }) => messageId).sort()
  const [date] = new Date().toISOString().split('T')
  const exported = async (format: string, ...flags: string[]) => {
    const out = join(collector.folder, `export-${format}`)
    const ran = await run(['export', '--out', out, '--format', format, '--json', ...flags])
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(ran.stdout)).toMatchObject({ date, events: events.length })
    return JSON.parse(ran.stdout).file as string
  }
  const [ndjson, csv, parquet] = await Promise.all([
    exported('ndjson', '--gzip'),
    exported('csv', '--columns', 'messageId,userId,traits.Name'),
    exported('parquet'),
  ])
  const lines = gunzipSync(readFileSync(ndjson)).toString().trim().split('\n')
  expect(lines.map((line) => JSON.parse(line).messageId).sort()).toEqual(ids)
  const table = readFileSync(csv, 'utf8').trim().split('\n')
  expect(table.length).toBe(ids.length + 1)
  expect(table.filter((line) => line.includes('Müller'))).toEqual([
    expect.stringMatching(/^imp_[0-9a-f]{32},4,"Müller; ""GmbH"""$/),
  ])
  const other = await run(['export', '--out', join(collector.folder, 'export-csv')])
  expect(other).toMatchObject({ code: 2, stderr: expect.stringMatching(/^other_export: /) })

  const program = `"${process.execPath}" "${TRIBUTARY}"`
  const env = {
    ...process.env,
    TRIBUTARY_ENDPOINT: collector.url,
    TRIBUTARY_ADMIN_TOKEN: ADMIN_TOKEN,
  }
  const piped = spawnSync('sh', ['-c', `${program} export | head -c 1`], { encoding: 'utf8', env })
  expect(piped).toMatchObject({ stdout: '{', stderr: '' })

  const count =
    "SELECT count(*) AS events, count(DISTINCT messageId) AS ids, sum((properties->>'$.total')::DOUBLE) AS total FROM"
  const asked = await run(['sql', `${count} events`, '--json'])
  expect(asked).toMatchObject({ code: 0, stderr: '' })
  const answer = { events: ids.length, ids: ids.length, total: 49.9 }
  expect(JSON.parse(asked.stdout)).toEqual(answer)
  const direct = await run(['sql', `${count} read_parquet('${parquet}')`, '--json'])
  expect(JSON.parse(direct.stdout)).toEqual(answer)
  const wrong = await run(['sql', 'SELEC 1'])
  expect(wrong).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^sql_error: [^\n]*\n$/),
  })
})

test('a tail shows what is stored from now on, and goes on over a restart of the collector', async () => {
  const child = start(['tail', '--user-id', 'followed', '--json'])
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const send = async (name: string) => {
    const body = { writeKey: WRITE_KEY, userId: 'followed', event: name }
    const answer = await fetch(`${collector.url}/v1/track`, {
      method: 'POST',
      body: JSON.stringify(body),
    })
    expect(answer.status).toBe(200)
  }
  const shown = () =>
    output
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line).event)
  // Sent again and again until the stream has begun: from then on nothing may be left out.
  await expect
    .poll(
      async () => {
        await send('Begin')
        return shown().length
      },
      { interval: 300, timeout: 20_000 },
    )
    .toBeGreaterThan(0)
  await collector.kill()
  await collector.restart()
  await send('After')
  await expect
    .poll(() => shown().filter((name) => name !== 'Begin'), { timeout: 20_000 })
    .toEqual(['After'])
  child.kill()
  await once(child, 'exit')
})

test('what was refused is judged again, counted and told', async () => {
  const body = { writeKey: WRITE_KEY, batch: [{ type: 'nonsense', userId: 'refused' }] }
  await fetch(`${collector.url}/v1/batch`, { method: 'POST', body: JSON.stringify(body) })
  const replayed = await run(['replay', '--code', 'unknown_type', '--json'])
  expect(replayed.code).toBe(3)
  expect(JSON.parse(replayed.stdout)).toMatchObject({
    examined: 1,
    stored: 0,
    stillRejected: { unknown_type: 1 },
  })
  const stats = await run(['stats', '--json'])
  expect(JSON.parse(stats.stdout).sources.demo.quarantined).toEqual({ unknown_type: 1 })
  expect((await run(['stats'])).stdout).toMatch(
    /^source +accepted .*\n-.*\ndemo +\d+ +\d+ .*unknown_type 1\n/,
  )
})

test('a compacted lake gives the same answers', async () => {
  const ask = async () => {
    const { stdout, stderr } = await run([
      'sql',
      'SELECT type, count(*) AS n FROM events GROUP BY type ORDER BY type',
      '--format',
      'csv',
    ])
    expect(stderr).toBe('')
    return stdout
  }
  const before = await ask()
  expect(before).toMatch(/^type,n\nidentify,\d+\ntrack,\d+\n$/)
  const [date = ''] = new Date().toISOString().split('T')
  const compacted = await run(['compact', '--date', date, '--grace-seconds', '0', '--json'])
  expect(JSON.parse(compacted.stdout)).toMatchObject({ partsWritten: 1 })
  expect(await ask()).toBe(before)
})

test('a doctor finds a sound deployment well, and names what is wrong with another', async () => {
  const sound = await run(['doctor', '--json'])
  const found = (ran: Ran) =>
    Object.fromEntries(
      ran.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .map(({ name, status }) => [name, status]),
    )
  expect(found(sound)).toMatchObject({
    ...{
      reachable: 'ok',
      bindings: 'ok',
      script: 'ok',
      'admin token': 'ok',
      backlog: 'ok',
      cors: 'ok',
    },
    ...{ cookies: 'skip', 'test event': 'ok', repeat: 'ok', stored: 'ok', clock: 'ok', lake: 'ok' },
  })
  expect(sound.code).toBe(0)
  const wrongKeys = { TRIBUTARY_WRITE_KEY: 'wk_wrong_key', TRIBUTARY_ADMIN_TOKEN: 'at_wrong_token' }
  const sick = await run(['doctor', '--json'], wrongKeys)
  expect(sick.code).toBe(3)
  expect(found(sick)).toMatchObject({
    reachable: 'ok',
    'admin token': 'fail',
    cors: 'fail',
    'test event': 'fail',
  })
  const gone = await run(['doctor', '--json', '--endpoint', 'http://127.0.0.1:9'])
  expect(gone.code).toBe(3)
  expect(found(gone)).toEqual({ reachable: 'fail' })
})

test('a lake in a bucket is asked by its S3 interface', async () => {
  const answer = await fetch(`${collector.url}/api/lake?prefix=events/`, {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  })
  const { objects } = (await answer.json()) as {
    objects: { key: string; bytes: number; etag: string }[]
  }
  const seen: string[] = []
  // R2 as far as it is asked: pages of two, and only requests that are signed for this bucket.
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://r2')
    seen.push(`${request.headers.authorization}`)
    if (url.pathname !== '/bucket') {
      const file = await fetch(`${collector.url}/api/lake${url.pathname.replace('/bucket', '')}`, {
        headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
      })
      response.writeHead(file.status).end(Buffer.from(await file.arrayBuffer()))
      return
    }
    const from = Number(url.searchParams.get('continuation-token') ?? 0)
    const entries = objects
      .slice(from, from + 2)
      .map(
        ({ key, bytes, etag }) =>
          `<Contents><Key>${encodeURIComponent(key)}</Key><ETag>&quot;${etag}&quot;</ETag><Size>${bytes}</Size></Contents>`,
      )
    const next =
      from + 2 < objects.length ? `<NextContinuationToken>${from + 2}</NextContinuationToken>` : ''
    response.end(`<ListBucketResult>${entries.join('')}${next}</ListBucketResult>`)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const env = {
    TRIBUTARY_S3_ENDPOINT: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: 'access',
    AWS_SECRET_ACCESS_KEY: 'secret',
  }
  const count = 'SELECT count(*) AS n FROM events'
  const asked = await run(['sql', count, '--lake', 's3://bucket', '--json'], env)
  expect(asked).toMatchObject({ code: 0, stderr: '' })
  expect(asked.stdout).toBe((await run(['sql', count, '--json'])).stdout)
  expect(new Set(seen.map((header) => header.replace(/\d{8}.*/, '')))).toEqual(
    new Set(['AWS4-HMAC-SHA256 Credential=access/']),
  )
  // What was fetched is kept.
  const files = seen.length
  await run(['sql', count, '--lake', 's3://bucket', '--json'], env)
  expect(seen.length - files).toBeLessThan(files)
  server.close()
})

test('a project that init writes has sound types, deploys, and takes events in workerd', async () => {
  const project = join(collector.folder, 'mine')
  expect((await run(['init', project, '--origin', 'https://shop.example/x'])).code).toBe(0)
  expect((await run(['init', project])).stderr).toMatch(/^folder_not_empty: /)
  symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'))
  const bin = join(ROOT, 'node_modules', '.bin')
  execFileSync(join(bin, 'tsc'), ['-p', project])
  const out = join(collector.folder, 'out')
  execFileSync(join(bin, 'wrangler'), ['deploy', '--dry-run', '--outdir', out], {
    cwd: project,
    stdio: 'pipe',
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
  })
  const secrets = Object.fromEntries(
    readFileSync(join(project, '.dev.vars'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split('=')),
  )
  const bound = readFileSync(join(project, 'wrangler.jsonc'), 'utf8').matchAll(
    /"name": "(\w+)", "class_name": "(\w+)"/g,
  )
  const durableObjects = Object.fromEntries(
    [...bound].map(([, name, className]) => [
      name,
      { className: className as string, useSQLite: true },
    ]),
  )
  const [writeKey] = /wk_\w+/.exec(readFileSync(join(project, 'src/index.ts'), 'utf8')) ?? []
  const miniflare = new Miniflare({
    modules: [{ type: 'ESModule', path: join(out, 'index.js') }],
    modulesRoot: out,
    compatibilityDate: '2026-04-21',
    durableObjects,
    r2Buckets: ['LAKE'],
    ratelimits: { RATE_LIMIT: { simple: { limit: 100, period: 10 } } },
    bindings: secrets,
    cf: {},
  })
  try {
    const url = (await miniflare.ready).toString()
    const env = {
      TRIBUTARY_ENDPOINT: url,
      TRIBUTARY_WRITE_KEY: writeKey ?? '',
      TRIBUTARY_ADMIN_TOKEN: secrets.TRIBUTARY_ADMIN_TOKEN,
    }
    const examined = await run(['doctor', '--origin', 'https://shop.example'], env)
    expect(examined.stdout).toContain('pages of https://shop.example may send')
    expect(examined.stdout).not.toContain('fail')
    expect(examined.code).toBe(0)
    const foreign = await run(['doctor', '--origin', 'https://other.example', '--no-event'], env)
    expect(foreign.stdout).toContain('pages of https://other.example may not send')
    expect(foreign.code).toBe(3)
  } finally {
    await miniflare.dispose()
  }
})
