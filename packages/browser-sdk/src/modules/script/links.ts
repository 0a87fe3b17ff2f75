import { createLinks } from '../links.ts'
import { addModule } from './add-module.ts'

addModule(({ linkDomains, linkUserId }) =>
  createLinks({
    domains: linkDomains?.match(/[^\s,]+/g) ?? [],
    includeUserId: linkUserId !== undefined && linkUserId !== 'false',
  }),
)
