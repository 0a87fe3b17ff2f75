import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Event, newFolder, ROOT, removeFolder } from './collector.ts'
import { useVisit } from './visit.ts'

const site = newFolder()

/** Builds the example as its README says. */
async function build(outDir: string, mode: 'development' | 'production'): Promise<void> {
  await promisify(execFile)(
    join(ROOT, 'node_modules', '.bin', 'vite'),
    ['build', '--mode', mode, '--outDir', outDir, '--emptyOutDir', '--logLevel', 'warn'],
    { cwd: join(ROOT, 'examples', 'react-spa'), env: { ...process.env, NODE_ENV: mode } },
  )
}

// Only React's development build mounts everything twice in StrictMode.
beforeAll(() => build(join(site, 'development'), 'development'))
afterAll(() => removeFolder(site))

const visit = useVisit(join(site, 'development'))

/** Opens the app and notes what the page complains about. */
async function open(): Promise<{ page: Page; complaints: string[] }> {
  const page = await visit.browser.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  await page.goto(`${visit.collector.url}/`)
  return { page, complaints }
}

/** What an event is about, in one line. */
function summary({ type, event, name, context }: Event): string {
  return `${event ?? `${type} ${name ?? ''}`.trim()} @ ${context.page.search}`
}

test('a visit has one page view for each route and one event for each click, also in StrictMode', async () => {
  const { page, complaints } = await open()
  const button = (name: string) => page.getByRole('button', { name })
  await button('Cheapest first').click()
  await page.getByRole('link', { name: 'Latte bowl' }).click()
  await button('Look closer').click()
  await button('Sign in').click()
  await button('Order').click()
  await page.getByRole('link', { name: 'All cups' }).click()
  await page.goBack()
  await page.getByRole('heading', { name: 'Latte bowl' }).waitFor()
  await visit.waitForEvents(8)
  // What comes twice comes at once; a little later it would be there.
  await page.waitForTimeout(500)
  const events = await visit.events()
  const inOrder = events.sort((a, b) => (a.messageId < b.messageId ? -1 : 1))
  expect(inOrder.map(summary)).toEqual([
    'page Cups @ ',
    'List Sorted @ ',
    'page Latte bowl @ ?cup=latte',
    'Cup Viewed @ ?cup=latte',
    'identify @ ?cup=latte',
    'Cup Ordered @ ?cup=latte',
    'page Cups @ ',
    'page Latte bowl @ ?cup=latte',
  ])
  expect(inOrder[2]?.context.page.title).toBe('Latte bowl')
  expect(inOrder[5]).toMatchObject({
    userId: 'ada',
    properties: { cup: 'latte', price: 14, size: 'L' },
  })
  // One tracker: one stream, without a gap.
  const deliveries = inOrder.map(({ context }) => context.delivery)
  expect(new Set(deliveries.map(({ stream }) => stream)).size).toBe(1)
  expect(deliveries.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  expect(complaints).toEqual([])
})

test('what visitors load has the names of the events and nothing of the plan', async () => {
  const outDir = join(site, 'production')
  await build(outDir, 'production')
  const code = readdirSync(join(outDir, 'assets'))
    .map((name) => readFileSync(join(outDir, 'assets', name), 'utf8'))
    .join()
  expect(code).toContain('Cup Ordered')
  expect(code).not.toMatch(/zod/i)
})
