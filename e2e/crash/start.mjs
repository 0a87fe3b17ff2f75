import { startRuntime } from '../../packages/cli/dist/runtime.js'

/** Starts the fault Worker as `tributary dev` starts the collector, in the runtime and with the storage of that. */
const { PORT, TRIBUTARY_DATA, FAULT_WORKER, FAULTS, TRIBUTARY_ADMIN_TOKEN } = process.env

const runtime = await startRuntime({
  host: '127.0.0.1',
  port: Number(PORT),
  dataDirectory: TRIBUTARY_DATA,
  siteDirectory: undefined,
  workerFile: FAULT_WORKER,
  bindings: { FAULTS, TRIBUTARY_ADMIN_TOKEN },
  onExit: () => process.exit(1),
})
console.log(`ready on ${await runtime.ready}`)
