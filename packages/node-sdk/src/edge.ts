export * from './api.ts'
export { Tributary } from './edge-client.ts'
