import { createHooks } from '@tributary/browser/react'
import type { plan } from '../plan.ts'

/** The hooks that know the plan: names complete, and properties are checked. */
export const { useTrack, useTributary } = createHooks<typeof plan>()
