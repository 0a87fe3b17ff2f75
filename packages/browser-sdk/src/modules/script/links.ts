import { isOn } from '../../options.ts'
import { words } from '../core/words.ts'
import { createLinks } from '../links.ts'
import { addModule } from './add-module.ts'

export const start = (): void =>
  addModule(({ linkDomains, linkUserId }) =>
    createLinks({
      domains: words(linkDomains) ?? [],
      includeUserId: isOn(linkUserId),
    }),
  )
