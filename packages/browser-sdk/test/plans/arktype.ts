import { type } from 'arktype'

export const plan = {
  events: {
    'Order Completed': type({ total: 'number', currency: '"EUR" | "USD"' }),
    'List Viewed': type({ 'filter?': 'string' }),
  },
} as const
