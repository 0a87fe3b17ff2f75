import { createErrors } from '../errors.ts'
import { addModule } from './add-module.ts'

addModule(createErrors)
