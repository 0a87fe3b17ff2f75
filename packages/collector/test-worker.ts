import { createCollector, defineConfig } from './src/index.ts'

export { Journal } from './src/index.ts'

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
    ],
    shards: 2,
  }),
)
