export * from './api.ts'
export { Tributary } from './node-client.ts'
