import { isOn } from '../../options.ts'
import { createInteractions } from '../interactions.ts'
import { addModule } from './add-module.ts'

export const start = (): void =>
  addModule(({ autocapture, maskText, downloads }) =>
    createInteractions({
      autocapture: isOn(autocapture),
      mask: isOn(maskText),
      downloads: downloads?.toLowerCase().match(/\w+/g) ?? undefined,
    }),
  )
