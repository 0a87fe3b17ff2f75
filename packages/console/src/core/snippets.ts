/** What a new collector is tried with, each ready to paste. */
export interface Snippets {
  page: string
  curl: string
  node: string
}

/** The first lines of each way to send, with the key and the address of this very collector. */
export function snippetsFor(writeKey: string, origin: string): Snippets {
  return {
    page: `<script>
  window.tributary = window.tributary || []
  tributary.push(['page'])
</script>
<script async src="${origin}/tributary.js" data-write-key="${writeKey}"></script>`,
    curl: `curl ${origin}/v1/track \\
  -d '{"writeKey":"${writeKey}","userId":"u1","event":"Order Completed","properties":{"total":99}}'`,
    node: `import { Tributary } from '@tributary/node'

const tributary = new Tributary({ writeKey: '${writeKey}', endpoint: '${origin}' })
tributary.track({ userId: 'u1', event: 'Order Completed', properties: { total: 99 } })
await tributary.closeAndFlush()`,
  }
}
