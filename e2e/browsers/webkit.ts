import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Browser, type Engine, expressionOf, type Tab } from './engine.ts'
import { familyOf, killProcesses } from './processes.ts'

const EXECUTABLE =
  process.env.TRIBUTARY_WEBKIT ?? '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser'

const XVFB = '/usr/bin/xvfb-run'

/** Longest that a script may run in a page. */
const RUN_MS = 60_000

/** Longest that a new tab may take to ask for its first script. */
const OPEN_MS = 10_000

/** A page asks again after so long: WebKit has six connections to a host, and there may be more tabs than that. */
const ASK_MS = 50

/**
 * WebKitGTK's MiniBrowser under Xvfb. Driven by WebDriver it keeps nothing on disk, so that no restart could be tested: here
 * each page asks a server of ours what to run, and tells it what came of it.
 */
export const WEBKIT: Engine = {
  name: 'WebKit',
  missing: [EXECUTABLE, XVFB].every(existsSync) ? undefined : 'no WebKitGTK with Xvfb here',
  parallel: 1,
  start: startWebKit,
}

async function startWebKit(profile: string): Promise<Browser> {
  const desk = await startDesk()
  const child = spawn(
    XVFB,
    [
      '-a',
      EXECUTABLE,
      '--javascript-can-open-windows-automatically=true',
      `${desk.origin}/#tab=${desk.newTab()}`,
    ],
    {
      detached: true,
      stdio: 'ignore',
      env: {
        ...process.env,
        XDG_DATA_HOME: join(profile, 'data'),
        XDG_CACHE_HOME: join(profile, 'cache'),
        XDG_CONFIG_HOME: join(profile, 'config'),
      },
    },
  )
  const pid = child.pid as number
  const ended = once(child, 'exit')
  // Tabs are opened from a page of ours that stays.
  const opener = drive(desk, 0)
  await opener.run(() => true)
  const renderers = () => familyOf(pid).filter(({ args }) => args.includes('WebKitWebProcess'))
  const [own] = renderers()
  let tabs = new Map<Tab, number>()

  async function kill(): Promise<void> {
    await killProcesses(familyOf(pid))
    await ended
    desk.close()
  }

  return {
    head: `<script>(${work})(${JSON.stringify(desk.origin)})</script>`,
    async open(url) {
      for (let attempt = 1; ; attempt++) {
        const id = desk.newTab()
        // Without an opener it gets a process of its own.
        await opener.run((address) => void open(address, '_blank', 'noopener'), `${url}#tab=${id}`)
        try {
          await desk.run(id, 'true', OPEN_MS)
        } catch (error) {
          // Rarely, after a crash, nothing comes of a new tab.
          if (attempt === 3) throw error
          continue
        }
        const tab = drive(desk, id)
        tabs.set(tab, id)
        return tab
      }
    },
    async crash() {
      // The youngest waits for the next tab; MiniBrowser ends when that one does.
      const inUse = renderers().slice(0, -1)
      await killProcesses(inUse.filter(({ pid }) => pid !== own?.pid))
      const crashed = tabs
      tabs = new Map()
      for (const id of crashed.values()) desk.drop(id)
      return [...crashed.keys()]
    },
    kill,
    close: kill,
  }
}

function drive(desk: Desk, id: number): Tab {
  return {
    run: (script, ...args) => desk.run(id, expressionOf(script, args)) as Promise<never>,
    // MiniBrowser has no such switch.
    setOffline: async () => {},
    async close() {
      const gone = desk.gone(id)
      // The page may be gone before it can answer.
      desk.run(id, 'close()').catch(() => {})
      await gone
      desk.drop(id)
    },
  }
}

/** Runs in each page: takes scripts from the desk, one at a time, until the page ends. */
async function work(origin: string): Promise<void> {
  const id = /tab=(\d+)/.exec(location.hash)?.[1]
  addEventListener('pagehide', () => navigator.sendBeacon(`${origin}/gone?${id}`))
  for (let done = ''; ; ) {
    const answer = await fetch(`${origin}/next?${id}`, { method: 'POST', body: done })
    const text = await answer.text()
    try {
      // biome-ignore lint/security/noGlobalEval: this is what it is for
      done = text && JSON.stringify({ value: await eval(text) })
    } catch (error) {
      done = JSON.stringify({ error: String(error) })
    }
  }
}

/** Where pages fetch their scripts. */
interface Desk {
  origin: string
  newTab(): number
  /** Runs a script in the page of a tab; rejects when that takes longer than `limitMs`. */
  run(id: number, script: string, limitMs?: number): Promise<unknown>
  /** Resolves when the page of a tab has gone. */
  gone(id: number): Promise<void>
  /** A tab has ended: what it still was to run rejects. */
  drop(id: number): void
  close(): void
}

interface Errand {
  script: string
  settle(result: { value?: unknown; error?: string }): void
}

async function startDesk(): Promise<Desk> {
  const asking = new Map<number, ServerResponse>()
  const waiting = new Map<number, Errand>()
  const running = new Map<number, Errand>()
  const leaving = new Map<number, () => void>()
  let tabs = 0

  /** Hands a script to a page that asks for one. */
  function hand(id: number): void {
    const [errand, response] = [waiting.get(id), asking.get(id)]
    if (!errand || !response) return
    waiting.delete(id)
    asking.delete(id)
    running.set(id, errand)
    response.end(errand.script)
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path, query] = (request.url as string).split('?')
    response.setHeader('access-control-allow-origin', '*')
    if (!query) {
      response.setHeader('content-type', 'text/html')
      response.end(`<script>(${work})(location.origin)</script>`)
      return
    }
    let body = ''
    for await (const chunk of request) body += chunk
    const id = Number(query)
    if (path === '/gone') {
      leaving.get(id)?.()
      response.end()
      return
    }
    if (body) running.get(id)?.settle(JSON.parse(body))
    asking.set(id, response)
    hand(id)
    setTimeout(() => {
      if (asking.get(id) !== response) return
      asking.delete(id)
      response.end()
    }, ASK_MS)
  }

  const server: Server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    newTab: () => tabs++,
    run(id, script, limitMs = RUN_MS) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`Tab ${id} never answered.`)), limitMs)
        waiting.set(id, {
          script,
          settle({ value, error }) {
            clearTimeout(timer)
            if (error) reject(new Error(error))
            else resolve(value)
          },
        })
        hand(id)
      })
    },
    drop(id) {
      for (const errands of [waiting, running])
        errands.get(id)?.settle({ error: 'The tab has ended.' })
    },
    gone: (id) => new Promise((resolve) => leaving.set(id, resolve)),
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
