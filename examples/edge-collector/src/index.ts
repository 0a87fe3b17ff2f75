import { createCollector, defineConfig } from '@tributary/collector'

export { Journal } from '@tributary/collector'

export default createCollector(
  defineConfig({
    sources: [
      { id: 'web', writeKeys: ['wk_replace_me_web'], origins: ['https://example.com'] },
      { id: 'server', writeKeys: ['wk_replace_me_server'] },
    ],
  }),
)
