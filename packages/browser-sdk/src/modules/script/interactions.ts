import { createInteractions } from '../interactions.ts'
import { addModule, isOn } from './add-module.ts'

addModule(({ autocapture, maskText, downloads }) =>
  createInteractions({
    autocapture: isOn(autocapture),
    mask: isOn(maskText),
    ...(downloads && { downloads: downloads.toLowerCase().split(/[\s,.]+/) }),
  }),
)
