// Run by Deno and by Bun, as any user's program: node program.js <endpoint> <write key> <runtime> [leave]
import { Tributary, withContext } from '@tributary/node'

const [endpoint, writeKey, runtime, leave] = process.argv.slice(2)
const client = new Tributary({ writeKey, endpoint, gzip: true })
client.on('error', (error) => console.error(error.message))

for (let i = 0; i < 250; i++) {
  client.track({ userId: runtime, event: 'Counted', properties: { i, text: 'ü'.repeat(i) } })
}
withContext({ anonymousId: `${runtime}-browser`, context: { locale: 'de' } }, async () => {
  await null
  client.track({ event: 'In Context', properties: { runtime } })
})

const entry = import.meta.resolve('@tributary/node')
if (!leave) {
  await Promise.resolve()
  const { remaining } = await client.closeAndFlush()
  console.log(JSON.stringify({ remaining, entry, ...client.stats() }))
}
