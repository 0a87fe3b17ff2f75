import { createEngagement } from '../engagement.ts'
import { addModule } from './add-module.ts'

addModule(createEngagement)
