import { createOverlay } from '../overlay.ts'
import { addModule } from './add-module.ts'

addModule(createOverlay)
