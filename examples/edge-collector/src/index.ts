import { env } from 'cloudflare:workers'
import { createCollector, defineConfig } from '@tributary/collector'

export { Journal, Profiles } from '@tributary/collector'

const { SERVER_WRITE_KEY } = env as unknown as { SERVER_WRITE_KEY: string }

export default createCollector(
  defineConfig({
    sources: [
      {
        id: 'web',
        // Public: every visitor can read it.
        writeKeys: ['wk_replace_me_web'],
        origins: ['https://example.com'],
        ip: 'truncate',
        rateLimit: { binding: 'RATE_LIMIT', periodSeconds: 10 },
      },
      // A secret: only your own servers have it.
      { id: 'server', serverKeys: [SERVER_WRITE_KEY] },
    ],
  }),
)
