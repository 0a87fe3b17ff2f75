import { z } from 'zod'

/** A plan as a site and its collector share it. */
export const plan = {
  events: {
    'Order Completed': z.object({
      total: z.number(),
      currency: z.enum(['EUR', 'USD']),
      coupon: z.string().optional(),
      // Sent as a string, read as a number: the SDK's side is the input.
      items: z.string().transform(Number),
    }),
    'List Viewed': z.object({ filter: z.string().optional() }),
    'Signed Out': z.object({}),
  },
  onViolation: 'quarantine',
} as const
