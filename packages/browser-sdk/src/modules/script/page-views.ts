import { createPageViews } from '../page-views.ts'
import { addModule, isOn } from './add-module.ts'

addModule(({ pageViews, pageViewsHash }) =>
  createPageViews({ first: pageViews !== 'changes', hash: isOn(pageViewsHash) }),
)
