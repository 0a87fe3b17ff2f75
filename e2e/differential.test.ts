import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from './browser.ts'
import { ROOT, WRITE_KEY } from './collector.ts'
import { VISITS } from './differential/calls.ts'
import {
  compare,
  DIFFERENCES,
  type Difference,
  differencesTable,
} from './differential/differences.ts'
import { type Recorder, startRecorder } from './differential/recorder.ts'

const seen = new Set<Difference | undefined>()
let browser: Browser
let recorder: Recorder
let page: Page

beforeAll(async () => {
  recorder = await startRecorder()
  browser = await launchBrowser()
  page = await browser.newPage({ locale: 'en-GB', timezoneId: 'Europe/Berlin' })
})
afterAll(async () => {
  await browser?.close()
  recorder?.close()
})

/** Opens an address as somebody who has never been here, with both SDKs loaded. */
async function visit(address: string): Promise<void> {
  await page.goto(`${recorder.url}/empty`)
  await page.evaluate('localStorage.clear()')
  await page.context().clearCookies()
  await page.goto(recorder.url + address)
  await page.waitForFunction('window.tributary?.initialized')
  await page.evaluate(
    `window.segment = AnalyticsNext.AnalyticsBrowser.load(
      { writeKey: '${WRITE_KEY}', cdnURL: location.origin })
    .then(([segment]) => { window.segment = segment })`,
  )
}

/** Makes the calls one after the other on one of the SDKs; returns how often `done` was called. */
function make(calls: readonly string[], sdk: 'segment' | 'tributary'): Promise<unknown> {
  return page.evaluate(`(async () => {
    let count = 0
    const done = () => { count++ }
    ${calls.map((call) => `await ${sdk}.${call}`).join('\n')}
    return count
  })()`)
}

test.for(VISITS)('both send the same: $name', async ({ address, calls }) => {
  await visit(address)
  recorder.segment.length = recorder.tributary.length = 0
  const done = await make(calls, 'segment')
  expect(await make(calls, 'tributary')).toBe(done)
  await page.evaluate('tributary.flush()')
  const events = calls.filter((call) => !/^(reset|setAnonymousId)/.test(call))
  expect(recorder.segment).toHaveLength(events.length)
  expect(recorder.tributary).toHaveLength(events.length)
  const findings = compare(recorder.segment, recorder.tributary)
  for (const { difference } of findings) seen.add(difference)
  const unexplained = findings.filter(({ difference }) => !difference)
  expect(unexplained.map(({ event, text }) => `${events[event]} → ${text}`)).toEqual([])
})

test('every difference that the list allows is there', () => {
  expect(DIFFERENCES.filter((difference) => !seen.has(difference))).toEqual([])
})

test('docs/migration.md lists the differences', () => {
  const path = join(ROOT, 'docs/migration.md')
  const docs = readFileSync(path, 'utf8')
  const written = docs.replace(
    /(<!-- differences:begin.*-->\n)[\s\S]*(\n<!-- differences:end -->)/,
    (_, begin, end) => begin + differencesTable() + end,
  )
  expect(written).toContain(differencesTable())
  if (process.env.UPDATE_DOCS === '1') writeFileSync(path, written)
  else expect(written).toBe(docs)
})
