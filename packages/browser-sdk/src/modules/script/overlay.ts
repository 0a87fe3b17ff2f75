import { createOverlay } from '../overlay.ts'
import { addModule } from './add-module.ts'

export const start = (): void => addModule(createOverlay)
