import * as v from 'valibot'

export const plan = {
  events: {
    'Order Completed': v.object({ total: v.number(), currency: v.picklist(['EUR', 'USD']) }),
    'List Viewed': v.object({ filter: v.optional(v.string()) }),
  },
  onUnplanned: 'allow',
} as const
