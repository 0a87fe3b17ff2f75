import { isJsonObject, type JsonObject } from '@tributary/protocol'
import { groupParameters } from './group-parameters.ts'

/** What a webhook is called where its source does not say. */
const DEFAULT_EVENT = 'Webhook Received'

/** Headers in which senders name a delivery: Standard Webhooks, Svix, GitHub, Shopify, and whoever follows the IETF draft. */
const DELIVERY_HEADERS = [
  'webhook-id',
  'svix-id',
  'x-github-delivery',
  'x-shopify-webhook-id',
  'idempotency-key',
] as const

/** The sender's own name for a delivery, equal for its repeats; `undefined` where it gives none. */
export function deliveryId(
  header: (name: string) => string | null,
  body: unknown,
): string | undefined {
  for (const name of DELIVERY_HEADERS) {
    const id = header(name)
    if (id) return id
  }
  // Stripe names it in the body alone. Elsewhere an `id` is mostly that of a customer or an order, which returns.
  const isStripe = header('stripe-signature') !== null && isJsonObject(body)
  return isStripe && typeof body.id === 'string' ? body.id : undefined
}

/**
 * The `track` event that an object becomes: the whole of it in `properties`. The person is whom it names in `userId` or
 * `anonymousId`, else nobody: then an id of its own keeps deliveries apart.
 *
 * @param messageId Equal for repeats of one delivery.
 * @param ownId Taken for `anonymousId` where the object names nobody.
 */
export function webhookEvent(
  properties: JsonObject,
  { event = DEFAULT_EVENT, messageId, ownId }: { event?: string; messageId: string; ownId: string },
): JsonObject {
  const ids = Object.fromEntries(
    (['userId', 'anonymousId'] as const).flatMap((field) => {
      const id = properties[field]
      return typeof id === 'string' && id !== '' ? [[field, id]] : []
    }),
  )
  const person = Object.keys(ids).length > 0 ? ids : { anonymousId: ownId }
  return { type: 'track', event, messageId, ...person, properties }
}

/** A form or a query as an object: what stands there once as text, what stands there several times as a list. */
export function formObject(form: URLSearchParams): JsonObject {
  return Object.fromEntries(groupParameters(form))
}
