import cluster from 'node:cluster'
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { openEventLog } from '../dist/disk-log.js'

/** A process that opens a log in the given directory, appends one event, and then does as told. */
const [directory, what] = workerData ?? process.argv.slice(2)

function open(onUnread) {
  const log = openEventLog({
    directory,
    fsync: 'interval',
    platform: { lookEveryMs: 20 },
    onUnread,
    onFailure: (error) => writeSync(1, `failure ${error.message}\n`),
  })
  log.append(`{"event":"${what}"}`, true)
  return log
}

const does = {
  /** Ends by itself. */
  return: open,
  /** Ends in the task of the append. */
  exit() {
    open()
    process.exit()
  },
  /** Ends by an error in that task. */
  throw() {
    open()
    throw new Error('as told')
  },
  /** Closes the log while it looks through what others have left. */
  async close() {
    const timer = setInterval(() => {}, 1000)
    let log
    await new Promise((resolve) => {
      log = open(resolve)
    })
    clearInterval(timer)
    await log.close()
    writeSync(1, 'closed\n')
  },
  /** Goes on. */
  async stay() {
    setInterval(() => {}, 1000)
    await open().synced()
    if (cluster.isWorker) process.send('ready')
    else if (isMainThread) writeSync(1, 'ready\n')
    else parentPort.postMessage('ready')
  },
  /** Lets a thread do it, and ends that. */
  async thread() {
    if (!isMainThread) return does.stay()
    setInterval(() => {}, 1000)
    const worker = new Worker(new URL(import.meta.url), { workerData: [directory, what] })
    await once(worker, 'message')
    await worker.terminate()
    writeSync(1, 'ended\n')
  },
  /** Lets a worker of a cluster do it, and kills that. */
  cluster() {
    if (cluster.isWorker) return does.stay()
    setInterval(() => {}, 1000)
    const worker = cluster.fork()
    worker.on('message', () => worker.process.kill('SIGKILL'))
    worker.on('exit', () => writeSync(1, 'ended\n'))
  },
}
await does[what]()
