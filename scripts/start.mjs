import { join } from 'node:path'
import { build, install, ROOT } from './steps.mjs'

install()
build()
const { runDev } = await import('@tributary/cli')
await runDev({ siteDirectory: join(ROOT, 'examples', 'website') })
