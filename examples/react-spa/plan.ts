import type { TrackingPlan } from '@tributary/collector'
import { z } from 'zod'

/**
 * What this site tracks. The collector holds events against it; the pages import its type alone, so that no validator
 * is among what they load.
 */
export const plan = {
  events: {
    'Cup Viewed': z.object({ cup: z.string() }),
    'Cup Ordered': z.object({ cup: z.string(), price: z.number(), size: z.enum(['S', 'L']) }),
    'List Sorted': z.object({ by: z.enum(['name', 'price']).optional() }),
  },
  onViolation: 'quarantine',
} satisfies TrackingPlan
