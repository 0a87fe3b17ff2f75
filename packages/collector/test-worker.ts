import { createCollector, defineConfig } from './src/index.ts'

export { Journal } from './src/index.ts'

/** The Worker that the tests in workerd run against. */
export default createCollector(
  defineConfig({
    sources: [
      { id: 'open', writeKeys: ['wk_open', 'wk_second'] },
      { id: 'web', writeKeys: ['wk_web'], origins: ['https://shop.example'] },
    ],
    shards: 2,
  }),
)
