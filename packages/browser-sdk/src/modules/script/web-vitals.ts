import { createWebVitals } from '../web-vitals.ts'
import { addModule } from './add-module.ts'

export const start = (): void => addModule(createWebVitals)
