import { z } from 'zod'
import { createCollector, defineConfig } from './src/index.ts'

export { Journal } from './src/index.ts'
export { Profiles } from './test-faults.ts'

const PLAN = {
  'Order Completed': z.object({ total: z.number() }),
  Broken: z.object({}).refine(() => {
    throw new Error('broken')
  }),
}

/** The Worker that the tests in workerd run against. */
export default createCollector(
  defineConfig({
    sources: [
      { id: 'open', writeKeys: ['wk_open', 'wk_second'], trustAlias: true },
      { id: 'strict', writeKeys: ['wk_strict'], serverKeys: ['sk_strict'], webhookEvent: 'Called' },
      { id: 'off', writeKeys: ['wk_off'], enabled: false },
      {
        id: 'limited',
        writeKeys: ['wk_limited', 'wk_limited_too'],
        rateLimit: { binding: 'THREE_A_MINUTE', periodSeconds: 60 },
      },
      {
        id: 'unbound',
        writeKeys: ['wk_unbound'],
        rateLimit: { binding: 'NOT_THERE', periodSeconds: 10 },
      },
      { id: 'cookies', writeKeys: ['wk_cookies'], cookie: {} },
      { id: 'web', writeKeys: ['wk_web'], origins: ['https://shop.example'] },
      { id: 'ip-truncate', writeKeys: ['wk_ip_truncate'], ip: 'truncate' },
      { id: 'ip-hash', writeKeys: ['wk_ip_hash'], ip: 'hash' },
      { id: 'ip-remove', writeKeys: ['wk_ip_remove'], ip: 'remove', bots: 'quarantine' },
      { id: 'bots-quarantine', writeKeys: ['wk_bots_quarantine'], bots: 'quarantine' },
      { id: 'bots-keep', writeKeys: ['wk_bots_keep'], bots: 'keep' },
      { id: 'secrets', writeKeys: ['wk_secrets'], secretParameters: ['voucher'] },
      { id: 'planned', writeKeys: ['wk_planned'], plan: { events: PLAN, onUnplanned: 'flag' } },
      {
        id: 'planned-strict',
        writeKeys: ['wk_planned_strict'],
        plan: { events: PLAN, onViolation: 'quarantine', onUnplanned: 'quarantine' },
      },
    ],
    shards: 2,
  }),
)
