import type { Notice } from '../core/ending.ts'
import type { Plugin } from '../plugin.ts'
import type { Tracker, TrackerEvents } from '../tracker-api.ts'
import { OVERLAY_STYLE } from './overlay-style.ts'

/** Events in the list; older ones are in the counters alone. */
const MAX_ROWS = 100

/** An event in the list. */
interface Row {
  item: Element
  state: Element
  /** Requests that the event has been in. */
  attempts: number
}

/**
 * A panel in a corner of the page that shows the latest events of this page and what becomes of each, and the tracker's
 * accounts. It lives in a closed shadow root and touches nothing else of the page; a strict `style-src` does not stop it.
 */
export function createOverlay(): Plugin {
  return { name: 'overlay', load: openOverlay }
}

function openOverlay(tracker: Tracker): void {
  const host = element('tributary-overlay')
  const storage = element('span')
  const counters = element('p')
  const problem = element('p', '', 'error')
  const list = element('ol')
  const body = element('div', '', '', counters, problem, list)
  counters.ariaLive = problem.ariaLive = 'polite'
  const stops: (() => void)[] = [() => host.remove()]

  const flush = button('Flush', () => void tracker.flush())
  const collapse = button('Hide', () => {
    body.hidden = !body.hidden
    collapse.ariaExpanded = String(!body.hidden)
    collapse.textContent = body.hidden ? 'Show' : 'Hide'
  })
  collapse.ariaExpanded = 'true'
  const close = button('Close', () => {
    for (const stop of stops) stop()
  })

  const head = element('header', '', '', element('strong', 'Tributary'), storage)
  head.append(flush, collapse, close)
  const panel = element('section', '', '', head, body)
  panel.ariaLabel = 'Tributary events'
  const style = new CSSStyleSheet()
  style.replaceSync(OVERLAY_STYLE)
  const root = host.attachShadow({ mode: 'closed' })
  root.adoptedStyleSheets = [style]
  root.append(panel)

  const refresh = oncePerFrame(() => {
    const stats = tracker.stats()
    storage.textContent = stats.storage
    counters.textContent = accounts(stats)
  })
  for (const [name, listener] of Object.entries(listeners(list, problem))) {
    const follow = (...args: unknown[]): void => {
      ;(listener as (...args: unknown[]) => void)(...args)
      refresh()
    }
    tracker.on(name as keyof TrackerEvents, follow)
    stops.push(() => tracker.off(name as keyof TrackerEvents, follow))
  }
  refresh()
  document.documentElement.append(host)
}

/** What the list does at each event of the tracker. */
function listeners(list: Element, problem: Element) {
  const rows = new Map<string, Row>()

  function add(messageId: string, type: string, name: string, atMs: number, shown: unknown): Row {
    const state = element('em', 'recorded')
    const time = element('time', new Date(atMs).toTimeString().slice(0, 8))
    const title = element('b', name)
    title.prepend(element('i', `${type} `))
    const json = element('pre')
    const details = element('details', '', '', element('summary', '', '', title, time, state), json)
    details.addEventListener('toggle', () => {
      json.textContent = JSON.stringify(shown, null, 2)
    })
    const row = { item: element('li', '', '', details), state, attempts: 0 }
    rows.set(messageId, row)
    list.prepend(row.item)
    for (const [oldest, { item }] of rows) {
      if (rows.size <= MAX_ROWS) break
      item.remove()
      rows.delete(oldest)
    }
    return row
  }

  function show(row: Row | undefined, state: string, text: string): void {
    if (row) Object.assign(row.state, { className: state, textContent: text })
  }

  function end(notice: Notice): void {
    const { messageId, outcome, reason, code } = notice
    // An event that a hook or its own arguments stopped was never recorded.
    const row = rows.get(messageId) ?? (reason && add(messageId, 'event', '', Date.now(), notice))
    if (row) show(row, outcome, [outcome, reason, code].filter(Boolean).join(' · '))
  }

  return {
    recorded(event) {
      const { messageId = '', type, timestamp = '' } = event
      const { event: title, name, userId, groupId } = event as unknown as Record<string, unknown>
      add(
        messageId,
        type,
        String(title ?? name ?? groupId ?? userId ?? ''),
        Date.parse(timestamp),
        event,
      )
    },
    persisted(messageIds) {
      for (const id of messageIds) {
        const row = rows.get(id)
        // A request may be faster than the disk.
        if (row?.state.textContent === 'recorded') show(row, 'persisted', 'persisted')
      }
    },
    sent(messageIds) {
      for (const id of messageIds) {
        const row = rows.get(id)
        if (row) show(row, 'sent', `sent (attempt ${++row.attempts})`)
      }
    },
    delivered: end,
    rejected: end,
    dropped: end,
    error({ code, status, cause }) {
      problem.textContent = `Last error: ${[code, status, cause].filter((part) => part != null).join(' ')}`
    },
  } satisfies { [Name in keyof TrackerEvents]?: (...args: TrackerEvents[Name]) => void }
}

/** The counters as the sum that they must be. */
function accounts(stats: ReturnType<Tracker['stats']>): string {
  const { created, delivered, duplicate, rejected, dropped, pending, reasons } = stats
  const sum = delivered + duplicate + rejected + dropped + pending
  const why = Object.entries(reasons ?? {}).map(([reason, count]) => ` · ${count} × ${reason}`)
  return `${created} created ${created === sum ? '=' : '≠'} ${delivered} delivered + ${duplicate} duplicate + ${rejected} rejected + ${dropped} dropped + ${pending} pending${why.join('')}`
}

function element(name: string, text = '', className = '', ...children: Element[]): HTMLElement {
  const made = document.createElement(name)
  made.className = className
  made.append(text, ...children)
  return made
}

function button(text: string, onClick: () => void): HTMLElement {
  const made = element('button', text)
  made.addEventListener('click', onClick)
  return made
}

/** A burst of events must not compute the same line again and again. */
function oncePerFrame(work: () => void): () => void {
  let isWaiting = false
  return () => {
    if (isWaiting) return
    isWaiting = true
    requestAnimationFrame(() => {
      isWaiting = false
      work()
    })
  }
}
