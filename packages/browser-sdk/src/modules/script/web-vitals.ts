import { createWebVitals } from '../web-vitals.ts'
import { addModule } from './add-module.ts'

addModule(createWebVitals)
