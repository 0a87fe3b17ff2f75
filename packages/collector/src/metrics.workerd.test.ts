import { reset } from 'cloudflare:test'
import { exports } from 'cloudflare:workers'
import { afterEach, expect, test } from 'vitest'

const worker = (exports as unknown as { default: Fetcher }).default
const HOST = 'https://collector.example'
const ADMIN = { authorization: 'Bearer at_test_token' }

afterEach(() => reset())

function send(...batch: unknown[]) {
  const body = JSON.stringify({ writeKey: 'wk_open', batch })
  return worker.fetch(`${HOST}/v1/batch`, { method: 'POST', body })
}

test('/metrics tells what /api/stats tells, in the format of Prometheus', async () => {
  const event = { type: 'track', event: 'E', userId: 'u', messageId: 'm1' }
  await send(event, { type: 'nonsense', userId: 'u' })
  await send(event)
  const response = await worker.fetch(`${HOST}/metrics`, { headers: ADMIN })
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  const lines = (await response.text()).split('\n')
  expect(lines).toContain('tributary_events_accepted_total{source="open"} 1')
  expect(lines).toContain('tributary_events_accepted_total{source="web"} 0')
  expect(lines).toContain('tributary_events_duplicate_total{source="open"} 1')
  expect(lines).toContain('tributary_events_quarantined_total{source="open",code="unknown_type"} 1')
  expect(lines).toContain('tributary_billable_operations_total{kind="requests"} 2')
  expect(lines.filter((line) => line.startsWith('tributary_backlog_rows{'))).toHaveLength(2)

  // Every sample belongs to a family that was described before it, and counters are named as counters.
  const described = new Map<string, string>()
  for (const line of lines) {
    const [, family, type] = /^# TYPE (\w+) (counter|gauge)$/.exec(line) ?? []
    if (family !== undefined) {
      expect(lines.filter((help) => help.startsWith(`# HELP ${family} `))).toHaveLength(1)
      expect(family.endsWith('_total')).toBe(type === 'counter')
      described.set(family, type as string)
    }
    const [, sample] = /^(\w+)(?:\{.*\})? [\d.]+$/.exec(line) ?? []
    if (sample !== undefined) expect(described.has(sample), line).toBe(true)
  }
})

test('/metrics is not to be had without the admin token', async () => {
  expect((await worker.fetch(`${HOST}/metrics`)).status).toBe(401)
  expect((await worker.fetch(`${HOST}/metrics`, { method: 'POST', headers: ADMIN })).status).toBe(
    405,
  )
})
