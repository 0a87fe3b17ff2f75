import { createErrors } from '../errors.ts'
import { addModule } from './add-module.ts'

export const start = (): void => addModule(createErrors)
