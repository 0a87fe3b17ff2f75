import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { chromium } from 'playwright-core'
import { CHROMIUM_ARGS, CHROMIUM_PATH } from './chromium.mjs'
import { build, install, ROOT } from './steps.mjs'

/** Takes pictures of the console after a played day: `npm run screenshots [-- folder]`, by default into `docs/images`. */

const TOKEN = 'at_screenshots'
const SIZES = { wide: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } }

/** The pages, and what makes each worth a picture. */
const PAGES = {
  live: async (page) => page.locator('[data-row]').nth(3).click(),
  delivery: async (page) => page.locator('.chart').first().waitFor(),
  people: async (page) =>
    page.goto(`${new URL(page.url()).origin}/console/people/userId%3Aada%40example.com`),
  quarantine: async (page) => page.locator('.group summary').first().click(),
  sources: async (page) => page.locator('.card').first().waitFor(),
  lake: async (page) => page.getByRole('table').waitFor(),
}

install()
build()
const target = join(ROOT, process.argv[2] ?? join('docs', 'images'))
mkdirSync(target, { recursive: true })
const data = mkdtempSync(join(tmpdir(), 'tributary-screenshots-'))
const collector = spawn(
  process.execPath,
  ['packages/cli/dist/main.js', 'dev', '--site', 'examples/website'],
  {
    cwd: ROOT,
    env: { ...process.env, PORT: '18787', TRIBUTARY_DATA: data, TRIBUTARY_ADMIN_TOKEN: TOKEN },
    stdio: ['ignore', 'pipe', 'inherit'],
  },
)
const browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: [...CHROMIUM_ARGS] })
try {
  const url = await readyUrl()
  await playDay(url)
  await takePictures(url)
} finally {
  await browser.close()
  collector.kill()
  await once(collector, 'exit')
  rmSync(data, { recursive: true, force: true })
}

async function readyUrl() {
  for await (const line of createInterface(collector.stdout)) {
    const [, url] = /^tributary ready (\S+)/.exec(line) ?? []
    if (url) return url
  }
  throw new Error('The collector has not started.')
}

async function playDay(url) {
  const page = await browser.newPage()
  await page.goto(url)
  await page.getByTestId('play-day').click()
  await page.getByText('Played.').waitFor({ timeout: 120_000 })
  await page.close()
  const headers = { authorization: `Bearer ${TOKEN}` }
  await fetch(`${url}/api/drain`, { method: 'POST', headers })
}

async function takePictures(url) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of ['light', 'dark']) {
      const page = await browser.newPage({ viewport, colorScheme, reducedMotion: 'reduce' })
      await page.goto(`${url}/console`)
      await page.getByLabel('Admin token').fill(TOKEN)
      await page.keyboard.press('Enter')
      await page.getByRole('navigation').waitFor()
      for (const [name, prepare] of Object.entries(PAGES)) {
        await page.goto(`${url}/console/${name}`)
        await prepare(page)
        await page.waitForTimeout(400)
        await page.screenshot({ path: join(target, `console-${name}-${size}-${colorScheme}.png`) })
      }
      await page.close()
    }
  }
}
