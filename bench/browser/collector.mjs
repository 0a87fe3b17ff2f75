import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../../scripts/steps.mjs'
import { MARKER } from '../peers/wire.mjs'

const ADMIN_TOKEN = 'at_bench'

/** Starts a collector as `npm start` does, on a port and a data directory of its own, and waits until it is ready. */
export async function startCollector() {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-bench-collector-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(process.execPath, [join(ROOT, 'packages', 'cli', 'dist', 'main.js'), 'dev'], {
    env: {
      ...process.env,
      PORT: String(port),
      TRIBUTARY_DATA: folder,
      TRIBUTARY_WRITE_KEY: 'wk_bench',
      TRIBUTARY_ADMIN_TOKEN: ADMIN_TOKEN,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const end = () => child.kill('SIGTERM')
  process.once('exit', end)
  let isReady = false
  for await (const text of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    isReady = text.includes(`tributary ready ${url}`)
    if (isReady) break
  }
  if (!isReady) throw new Error('The collector ended before it was ready.')
  child.stdout.resume()
  return {
    url,
    countStored: () => countStored(url),
    async stop() {
      process.off('exit', end)
      end()
      await once(child, 'exit')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** By the tag of their run: how many different events are in the export, and how many copies beyond the first. */
async function countStored(url) {
  const response = await fetch(`${url}/api/events/export`, {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  })
  if (!response.ok) throw new Error(`The export answered ${response.status}.`)
  const counts = new Map()
  const seen = new Set()
  for (const line of (await response.text()).split('\n')) {
    const [marker, tag] = MARKER.exec(line) ?? []
    if (!marker) continue
    const count = counts.get(tag) ?? { stored: 0, storedTwice: 0 }
    count[seen.has(marker) ? 'storedTwice' : 'stored']++
    counts.set(tag, count)
    seen.add(marker)
  }
  return counts
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
