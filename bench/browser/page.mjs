import { once } from 'node:events'
import { createServer } from 'node:http'
import { chromium } from 'playwright-core'
import { CHROMIUM_ARGS, CHROMIUM_PATH } from '../../scripts/chromium.mjs'
import { PROPERTIES } from '../peers/properties.mjs'
import { scriptOf } from './bundle.mjs'

/** Not the headless browser's own, which some SDKs take for a robot's. */
export const USER_AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'

const OPTIONS = {
  executablePath: CHROMIUM_PATH,
  args: [
    ...CHROMIUM_ARGS,
    '--disable-blink-features=AutomationControlled',
    // No peer reaches its vendor: loopback is all there is, and pages may use it.
    '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    '--disable-features=LocalNetworkAccessChecks,PrivateNetworkAccessRespectPreflightResults',
  ],
}

const PAGE = `<!doctype html><meta charset="utf-8"><title>bench</title><link rel="icon" href="data:,">
<body>bench</body>`

export function launchBrowser() {
  return chromium.launch(OPTIONS)
}

export async function browserVersion() {
  const browser = await launchBrowser()
  const version = browser.version()
  await browser.close()
  return version
}

/** A browser on a profile that outlives it. */
export function openProfile(folder) {
  return chromium.launchPersistentContext(folder, { ...OPTIONS, userAgent: USER_AGENT })
}

/** Has browsers count `performance.now()` in steps of 5 µs instead of 100 µs: the page is cross-origin isolated. */
const ISOLATION = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'credentialless',
}

/** Serves an empty page at any address, and each SDK's script at `/sdk/<name>.js`. */
export async function servePages(isIsolated = false) {
  const headers = isIsolated ? ISOLATION : {}
  const server = createServer((request, response) => {
    serve(request, response, headers).catch((error) => response.destroy(error))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function serve({ url }, response, headers) {
  const sdk = /^\/sdk\/(.*)\.js$/.exec(url)?.[1]
  const body = sdk ? await scriptOf(sdk) : PAGE
  response.writeHead(200, { 'content-type': sdk ? 'text/javascript' : 'text/html', ...headers })
  response.end(body)
}

/** Puts what calls and watches the SDK into a page, before anything else is there. */
export async function newPage(context) {
  const page = await context.newPage()
  await page.addInitScript(installDriver, PROPERTIES)
  return page
}

/** Runs in the page; `bench` is what the bench calls there. */
function installDriver(properties) {
  const longTasks = []
  new PerformanceObserver((list) => {
    longTasks.push(...list.getEntries().map(({ duration }) => duration))
  }).observe({ type: 'longtask', buffered: true })

  const propertiesOf = (tag, number) => ({
    marker: `mk_${tag}_${number}_km`,
    number,
    ...properties,
  })
  const turn = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

  /** Calls `track` for events `from` up to `to`, and tells how long that took, in milliseconds. */
  function track(tag, from, to) {
    const startedAt = performance.now()
    for (let number = from; number < to; number++) {
      globalThis.SDK.track('bench_event', propertiesOf(tag, number))
    }
    return performance.now() - startedAt
  }

  globalThis.bench = {
    track,
    takeLongTasks: () => longTasks.splice(0),
    /** All calls in one task, which is one of their own so that its length is seen. */
    async burst(tag, count) {
      await turn(0)
      return [track(tag, 0, count)]
    },
    /** Ten calls in a task, a task every 20 ms; the time of each ten. */
    async paced(tag, from, to) {
      await turn(0)
      const times = []
      for (let number = from; number < to; number += 10) {
        times.push(track(tag, number, Math.min(number + 10, to)))
        await turn(20)
      }
      return times
    },
    /** Starts the SDK; the time that the call takes, and that until it says that it is ready. */
    async start(endpoint, withPageView) {
      const startedAt = performance.now()
      const ready = globalThis.SDK.init({ endpoint, key: 'wk_bench' })
      const initMs = performance.now() - startedAt
      if (withPageView) globalThis.SDK.page()
      await Promise.race([ready, turn(5000)])
      return { initMs, readyMs: performance.now() - startedAt }
    },
    /** Evaluates the SDK's script as a tag of the page would. */
    evaluate(code) {
      const script = document.createElement('script')
      script.textContent = code
      const startedAt = performance.now()
      document.head.append(script)
      return performance.now() - startedAt
    },
  }
}
