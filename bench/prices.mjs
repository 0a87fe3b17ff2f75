/** List prices in dollars, without what a plan includes: developers.cloudflare.com, "Pricing" of each product, 2026-11. */
export const PRICE = {
  workerRequest: 0.3e-6,
  workerCpuMs: 0.02e-6,
  objectRequest: 0.15e-6,
  objectGbSecond: 12.5e-6,
  rowWritten: 1e-6,
  objectGbMonth: 0.2,
  lakePut: 4.5e-6,
  lakeGbMonth: 0.015,
}

/** What a Durable Object is billed for while it is awake. */
export const OBJECT_GB = 0.128
