// A function of Vercel's edge: tracks in and out of a context, and waits for the end of it.
import { Tributary, withContext } from '@tributary/node'

globalThis.run = async (endpoint, writeKey) => {
  const client = new Tributary({ writeKey, endpoint, gzip: true })
  for (let i = 0; i < 30; i++)
    client.track({ userId: 'Vercel', event: 'Counted', properties: { i } })
  await withContext({ anonymousId: 'Vercel-browser' }, async () => {
    await new Promise((resolve) => setTimeout(resolve, 1))
    client.track({ event: 'In Context' })
  })
  const { remaining } = await client.closeAndFlush()
  return JSON.stringify({ remaining, ...client.stats() })
}
