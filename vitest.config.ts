import { cloudflareTest } from '@cloudflare/vitest-pool-workers'
import { defineConfig } from 'vitest/config'

/** Tests that run inside workerd, with Durable Objects and R2 as the platform emulates them. */
const WORKERD_TESTS = 'packages/collector/src/**/*.workerd.test.ts'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          include: ['packages/*/src/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: [WORKERD_TESTS],
          // No file leaves anything behind in its process, so that none needs one of its own: half the time.
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Browsers on a machine that others use too; a fault of ours does not go away.
          retry: 2,
        },
      },
      {
        plugins: [
          cloudflareTest({
            main: 'packages/collector/test-worker.ts',
            miniflare: {
              compatibilityDate: '2026-04-21',
              durableObjects: {
                JOURNAL: { className: 'Journal', useSQLite: true },
                PROFILES: { className: 'Profiles', useSQLite: true },
              },
              r2Buckets: ['LAKE'],
              ratelimits: { THREE_A_MINUTE: { simple: { limit: 3, period: 60 } } },
              bindings: {
                TRIBUTARY_ADMIN_TOKEN: 'at_test_token',
                TRIBUTARY_IP_SECRET: 'test-ip-secret',
                PROFILE_ROUNDS: process.env.TRIBUTARY_PROFILE_ROUNDS ?? '',
                PROFILE_SEED: process.env.TRIBUTARY_PROFILE_SEED ?? '',
                TRIBUTARY_RECEIPT_SECRET: 'test-receipt-secret',
              },
            },
          }),
        ],
        test: {
          name: 'workerd',
          include: [WORKERD_TESTS],
          testTimeout: 30_000,
          retry: 2,
          // What an object logs while it is aborted never reaches vitest, which then waits for it for ever
          // (cloudflare/workers-sdk#14180, #15719).
          disableConsoleIntercept: true,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          retry: 2,
          // Each test has a collector, and some a browser, of its own; side by side they starve on two cores.
          fileParallelism: false,
          isolate: false,
        },
      },
    ],
  },
})
