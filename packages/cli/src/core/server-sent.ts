/** One message of a stream of server-sent events (HTML standard, 9.2). */
export interface ServerSent {
  id: string | undefined
  data: string
}

/** Takes text as it comes, gives the messages that it completes. Comments and messages without data are left out. */
export function createServerSentReader(): (text: string) => ServerSent[] {
  let rest = ''
  return (text) => {
    const blocks = (rest + text).split(/\r?\n\r?\n/)
    rest = blocks.pop() as string
    return blocks.map(readBlock).filter(({ data }) => data !== '')
  }
}

function readBlock(block: string): ServerSent {
  let id: string | undefined
  const data: string[] = []
  for (const line of block.split(/\r?\n/)) {
    const [, field, value = ''] = /^([^:]+):? ?(.*)$/.exec(line) ?? []
    if (field === 'data') data.push(value)
    if (field === 'id') id = value
  }
  return { id, data: data.join('\n') }
}
