import { onCLS, onFCP, onINP, onLCP, onTTFB } from 'web-vitals'
import type { Plugin } from '../plugin.ts'

/**
 * Tracks `Web Vital` for LCP, CLS, INP, FCP and TTFB, each when it is known and at the latest when the page is hidden:
 * `name`, `value` (milliseconds; CLS without unit), `rating` (`good`, `needs-improvement`, `poor`), `delta` (the part of
 * `value` that no earlier event of the same `id` had), `id` and `navigationType`, all as the library web-vitals has them.
 */
export function createWebVitals(): Plugin {
  return {
    name: 'web-vitals',
    load({ track }) {
      for (const on of [onCLS, onFCP, onINP, onLCP, onTTFB]) {
        on(({ name, value, rating, delta, id, navigationType }) => {
          void track('Web Vital', { name, value, rating, delta, id, navigationType })
        })
      }
    },
  }
}
