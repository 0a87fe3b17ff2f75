import { cpSync, lstatSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { event, listFiles, nameOf, newDirectory, nextTask, openLog, readAll } from '../test/log.ts'

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      bytes: fc.constantFrom(0, 60, 400),
      isLoaded: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('read' as const),
      bytes: fc.constantFrom(1, 500, 5000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('task' as const) }) },
)
const damage = fc.oneof(
  fc.record({ kind: fc.constant('none' as const) }),
  fc.record({ kind: fc.constant('cut' as const), file: fc.nat(), place: fc.nat() }),
  fc.record({
    kind: fc.constant('flip' as const),
    file: fc.nat(),
    place: fc.nat(),
    bit: fc.nat(7),
  }),
)
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never

/** What a SIGKILL would leave now: a copy of the files, and a socket at which nobody listens. */
async function crash(directory: string): Promise<string> {
  const copy = newDirectory()
  const isFile = (path: string) => !lstatSync(path).isSocket()
  cpSync(directory, copy, { recursive: true, filter: isFile })
  for (const socket of listFiles(directory, /\.sock$/)) {
    const path = socket.replace(directory, copy)
    const server = createServer().listen(`${path}.new`)
    renameSync(`${path}.new`, path)
    await new Promise((resolve) => server.close(resolve))
  }
  return copy
}

/** Damages a file. @returns Names of the events that lay there, which may be lost. */
function strike(directory: string, hit: Damage): Set<string> {
  const files = [...listFiles(directory, /\d\.log$/), ...listFiles(directory, /\.ended$/)]
  if (hit.kind === 'none' || files.length === 0) return new Set()
  const file = files[hit.file % files.length] as string
  const bytes = readFileSync(file)
  if (bytes.length === 0) return new Set()
  const at = hit.place % bytes.length
  if (hit.kind === 'cut') truncateSync(file, at)
  else writeFileSync(file, bytes.with(at, (bytes[at] as number) ^ (1 << hit.bit)))
  if (!file.endsWith('.log')) return new Set()
  let start = 0
  const struck = new Set<string>()
  for (const line of bytes.toString('latin1').split('\n')) {
    const end = start + line.length + 1
    const isStruck = hit.kind === 'cut' ? end > at : start <= at && at < end
    // More than one where an earlier strike has joined two lines.
    for (const [, name] of isStruck ? line.matchAll(/"event":"(e\d+)"/g) : []) {
      struck.add(name as string)
    }
    start = end
  }
  return struck
}

it('gives back what was written and has not ended, and nothing else, wherever the files are cut or damaged', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.array(damage, { minLength: 1, maxLength: 2 }),
      async (steps, damages) => {
        let directory = newDirectory()
        let { log } = openLog(directory, { segmentBytes: 1000 })
        const appended = new Map<string, string>()
        const ended = new Set<string>()
        const held: { name: string; ref: object }[] = []
        for (const now of steps) {
          if (now.do === 'append') {
            const name = `e${appended.size}`
            const json = event(name, now.bytes)
            const ref = log.append(json, now.isLoaded)
            expect(ref).toBeDefined()
            appended.set(name, json)
            if (now.isLoaded && ref) held.push({ name, ref })
          } else if (now.do === 'end') {
            const one = held.splice(now.which % (held.length + 1), 1)[0]
            if (!one) continue
            log.end([one.ref])
            ended.add(one.name)
          } else if (now.do === 'read') {
            for (const { ref, json } of await log.read(now.bytes)) {
              expect(held.map(({ name }) => name)).not.toContain(nameOf(json))
              held.push({ name: nameOf(json), ref })
            }
          } else await nextTask()
        }
        await nextTask()
        const lost = new Set<string>()
        for (const hit of damages) {
          directory = await crash(directory)
          const struck = strike(directory, hit)
          for (const name of struck) lost.add(name)
          await log.close()
          log = openLog(directory, { segmentBytes: 1000 }).log
          const records = await readAll(log)
          const found = records.map(({ json }) => nameOf(json))
          expect(new Set(found).size).toBe(found.length)
          for (const { json } of records) expect(json).toBe(appended.get(nameOf(json)))
          const due = [...appended.keys()].filter((name) => !ended.has(name) && !lost.has(name))
          expect(found).toEqual(expect.arrayContaining(due))
          // A record comes a second time only where the mark of its end was damaged.
          if (hit.kind === 'none') for (const name of found) expect(ended).not.toContain(name)
          // ... and then counts as one that has not ended.
          for (const name of found) ended.delete(name)
          const half = records.slice(0, records.length / 2)
          log.end(half.map(({ ref }) => ref))
          for (const { json } of half) ended.add(nameOf(json))
          await nextTask()
        }
        await log.close()
      },
    ),
    { numRuns: Number(process.env.TRIBUTARY_LOG_RUNS ?? 60) },
  )
})
