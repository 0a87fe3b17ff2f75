import { createClientHints } from '../client-hints.ts'
import { words } from '../core/words.ts'
import { addModule } from './add-module.ts'

export const start = (): void =>
  addModule(({ clientHints }) => createClientHints({ hints: words(clientHints) }))
