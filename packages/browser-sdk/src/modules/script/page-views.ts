import { isOn } from '../../options.ts'
import { createPageViews } from '../page-views.ts'
import { addModule } from './add-module.ts'

export const start = (): void =>
  addModule(({ pageViews, pageViewsHash }) =>
    createPageViews({ first: pageViews !== 'changes', hash: isOn(pageViewsHash) }),
  )
