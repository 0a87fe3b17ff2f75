import { Tributary, withContext } from './index.ts'

const client: Tributary = new Tributary({ writeKey: 'wk', endpoint: 'https://events.example.com' })
new Tributary({ writeKey: 'wk', host: 'https://events.example.com', fetch: globalThis.fetch })

client.track({ userId: 'u', event: 'Order Completed', properties: { total: 9.5, items: ['a'] } })
client.track({ anonymousId: 'a', userId: null, event: 'E', timestamp: new Date() })
client.identify({ userId: 'u', traits: { email: 'a@example.com' } })
withContext({ userId: 'u', context: { ip: '0.0.0.0' } }, () => client.track({ event: 'E' }))
client.page({ anonymousId: 'a', category: 'Docs', name: 'Home' })
client.screen({ userId: 'u', context: { ip: '0.0.0.0', app: { name: 'Shop' } } })
client.group({ userId: 'u', groupId: 'g' }, (error, event) => [error?.message, event?.type])
client.alias({ userId: 'u', previousId: 'a' })
client.on('rejected', ({ event, code }) => [event.messageId, code.length])
const closed: Promise<{ remaining: number }> = client.closeAndFlush({ timeout: 5000 })
void closed

// @ts-expect-error a write key is needed
new Tributary({ endpoint: 'https://events.example.com' })
const maybe: string | undefined = undefined as string | undefined
// @ts-expect-error an id that may be missing is none: leave it out where the request tells
client.track({ userId: maybe, event: 'E' })
// @ts-expect-error an event's name is needed
client.track({ userId: 'u' })
// @ts-expect-error an id is a string
client.identify({ userId: 5 })
// @ts-expect-error JSON has no BigInt
client.track({ userId: 'u', event: 'E', properties: { total: 5n } })
// @ts-expect-error a group has an id
client.group({ userId: 'u', traits: {} })
// @ts-expect-error alias needs both ids
client.alias({ userId: 'u' })
// @ts-expect-error no such event of the client
client.on('sent', () => {})
