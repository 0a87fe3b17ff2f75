import { connect } from 'node:net'

/** How often a connection may break before an answer; a busy machine's runtime does that now and then. */
const MAX_BROKEN = 10

/**
 * Sends requests over keep-alive connections as fast as they are answered. Written on sockets, so that the machine's
 * time goes to what is measured and not to its client.
 *
 * @param {number} port
 * @param {Buffer[]} requests Whole requests, head and body.
 * @param {number} connections
 * @returns {Promise<{ seconds: number, latenciesMs: number[] }>}
 * @throws Error on any answer but 200.
 */
export async function sendAll(port, requests, connections) {
  const latenciesMs = []
  let next = 0
  let broken = 0
  const startedAt = performance.now()
  await Promise.all(
    Array.from({ length: connections }, async () => {
      let connection = open(port)
      while (next < requests.length) {
        const request = requests[next++]
        const sentAt = performance.now()
        let status = await ask(connection, request)
        while (status === undefined && broken++ < MAX_BROKEN) {
          connection = open(port)
          status = await ask(connection, request)
        }
        if (status !== 200) throw new Error(`The answer was ${status}.`)
        latenciesMs.push(performance.now() - sentAt)
      }
      connection.socket.destroy()
    }),
  )
  return { seconds: (performance.now() - startedAt) / 1000, latenciesMs }
}

function open(port) {
  const socket = connect(port, '127.0.0.1')
  socket.setNoDelay(true)
  return { socket, answers: readAnswers(socket) }
}

/** The status of the answer; `undefined` where the connection broke before it. */
async function ask({ socket, answers }, request) {
  socket.write(request)
  try {
    return (await answers.next()).value
  } catch {
    return undefined
  }
}

/** The statuses of the answers on a connection, each when all of it has come. */
async function* readAnswers(socket) {
  let buffered = Buffer.alloc(0)
  for await (const chunk of socket) {
    buffered = Buffer.concat([buffered, chunk])
    for (;;) {
      const headEnd = buffered.indexOf('\r\n\r\n')
      if (headEnd < 0) break
      const head = buffered.subarray(0, headEnd).toString('latin1')
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
      if (buffered.length < headEnd + 4 + length) break
      buffered = buffered.subarray(headEnd + 4 + length)
      yield Number(head.slice(9, 12))
    }
  }
}
