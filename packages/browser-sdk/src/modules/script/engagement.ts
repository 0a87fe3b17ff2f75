import { createEngagement } from '../engagement.ts'
import { addModule } from './add-module.ts'

export const start = (): void => addModule(createEngagement)
