import { createCollector, defineConfig } from '@tributary/collector'

export { Journal } from '@tributary/collector'

export default createCollector(defineConfig({ sources: [{ id: 'web', writeKeys: ['wk_bench'] }] }))
