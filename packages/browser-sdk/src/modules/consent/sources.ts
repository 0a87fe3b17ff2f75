import { recordOf } from '../../core/record-of.ts'
import type { ConsentSource, ConsentUpdate } from './decisions.ts'

/**
 * Decisions told by an event on `window`.
 *
 * @param read Finds the decisions in the event. Default: its `detail`.
 */
export function fromEvent(
  name: string,
  read: (event: Event) => ConsentUpdate = (event) => (event as CustomEvent).detail,
): ConsentSource {
  return (tell) => addEventListener(name, (event) => tell(read(event)))
}

/** Decisions told by calls of a global function, which this defines. */
export function fromCallback(name: string): ConsentSource {
  return (tell) => {
    ;(globalThis as Record<string, unknown>)[name] = tell
  }
}

/** The purposes of IAB TCF that each category needs. */
export type TcfPurposes = Record<string, number[]>

/** What is read of the answer to `addEventListener` (IAB TCF v2, "CMP API", section "TCData"). */
interface TcData {
  eventStatus: string
  gdprApplies?: boolean
  purpose: { consents: Record<number, boolean> }
  vendor: { consents: Record<number, boolean> }
}

type TcfApi = (
  command: 'addEventListener',
  version: 2,
  callback: (data: TcData | null, success: boolean) => void,
) => void

/** How often a page without a consent manager is asked whether it has come, milliseconds. */
const TCF_WAIT_MS = 250

/**
 * Decisions of an IAB TCF v2 consent manager, as the person makes and changes them. A category is granted when all its
 * purposes have consent (legitimate interest is none), and everything is where `gdprApplies` is false.
 *
 * @param purposes Default: `analytics` needs 1, 7, 8, 9 and 10, `marketing` 1, 2, 3 and 4.
 * @param vendorId Number in the IAB's vendor list; it then needs consent too.
 */
export function fromTcf(
  purposes: TcfPurposes = { analytics: [1, 7, 8, 9, 10], marketing: [1, 2, 3, 4] },
  vendorId?: number,
): ConsentSource {
  return function listen(tell) {
    const { __tcfapi } = globalThis as { __tcfapi?: TcfApi }
    if (!__tcfapi) {
      setTimeout(listen, TCF_WAIT_MS, tell)
      return
    }
    __tcfapi('addEventListener', 2, (data, success) => {
      // `tcloaded` or `useractioncomplete`. Also called when the dialogue opens (`cmpuishown`): that is no decision.
      const free = data?.gdprApplies === false
      if (!success || !data) return
      if (!free && !/^[tu]/.test(data.eventStatus)) return
      const isGranted = (ids: number[]): boolean =>
        ids.every((id) => data.purpose.consents[id]) &&
        (!vendorId || Boolean(data.vendor.consents[vendorId]))
      tell(recordOf(Object.keys(purposes), (name) => free || isGranted(purposes[name] as number[])))
    })
  }
}
