import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const CLIENT = fileURLToPath(new URL('client.mjs', import.meta.url))

/**
 * Starts an SDK in a process.
 *
 * @param {{ sdk: string, mode: string, events: number, tag: string, endpoint: string, folder: string }} task
 * @returns `told` has what it has said so far, in one object; `made` resolves when it has made its calls, `ended` with its end.
 */
export function startClient(task) {
  const child = fork(CLIENT, [JSON.stringify(task)], { stdio: 'ignore' })
  const told = { faults: [] }
  const ended = once(child, 'exit')
  const made = new Promise((resolve) => {
    child.on('message', ({ fault, ...what }) => {
      if (fault) told.faults.push(fault)
      Object.assign(told, what)
      if (told.made) resolve()
    })
    ended.then(resolve)
  })
  return {
    told,
    made,
    ended,
    /** Tells it that everything has arrived. */
    finish: () => child.connected && child.send('done'),
    kill: () => child.kill('SIGKILL'),
  }
}
