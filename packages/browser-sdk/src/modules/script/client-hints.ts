import { createClientHints } from '../client-hints.ts'
import { addModule } from './add-module.ts'

addModule(({ clientHints }) =>
  createClientHints({ hints: clientHints?.match(/\w+/g) ?? undefined }),
)
