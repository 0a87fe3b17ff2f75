import type { Notice } from '../core/ending.ts'
import type { Plugin } from '../plugin.ts'
import type { Tracker, TrackerEvents } from '../tracker-api.ts'
import { OVERLAY_STYLE } from './overlay-style.ts'

/** Events in the list; older ones are in the counters alone. */
const MAX_ROWS = 100

/**
 * A panel in a corner of the page that shows the latest events of this page and what becomes of each, and the tracker's
 * accounts. It lives in a closed shadow root and touches nothing else of the page; a strict `style-src` does not stop it.
 */
export function createOverlay(): Plugin {
  return { load: openOverlay }
}

function openOverlay(tracker: Tracker): void {
  // These speak up when they change (HTML-AAM: `output` is a status).
  const counters = element('output')
  const problem = element('output')
  const list = element('div')
  const host = element('tributary-overlay')
  const flush = button('Flush', tracker.flush)
  const close = button('Close', () => host.remove())
  const head = element('summary', element('b', 'Tributary'), flush, close)
  const panel = element('details', head, counters, problem, list)
  const style = new CSSStyleSheet()
  const root = host.attachShadow({ mode: 'closed' })

  function refresh(): void {
    counters.textContent = accounts(tracker.stats())
  }

  panel.toggleAttribute('open')
  problem.className = 'dropped'
  style.replaceSync(OVERLAY_STYLE)
  root.adoptedStyleSheets = [style]
  root.append(panel)
  for (const [name, listener] of Object.entries(listeners(list, problem))) {
    tracker.on(name as keyof TrackerEvents, (...args) => {
      ;(listener as (...args: unknown[]) => void)(...args)
      // Not now: an event that is just being recorded is not in the accounts yet.
      setTimeout(refresh)
    })
  }
  refresh()
  document.documentElement.append(host)
}

/** What the list does at each event of the tracker. */
function listeners(list: Element, problem: Element) {
  function add(messageId: string, name: string, shown: object): void {
    const summary = element('summary', element('b', name), element('em', 'recorded'))
    const item = element('details', summary, element('pre', JSON.stringify(shown, null, 2)))
    item.id = messageId
    list.prepend(item)
    if (list.children.length > MAX_ROWS) list.lastChild?.remove()
  }

  /** Each word of a state is a class, too. */
  function show(messageId: string, change: (text: string) => string): void {
    const state = list.children.namedItem(messageId)?.querySelector('em')
    if (state) state.className = state.textContent = change(`${state.textContent}`)
  }

  function end(notice: Notice): void {
    const { messageId, outcome, reason, code } = notice
    // An event that a hook or its own arguments stopped was never recorded.
    if (reason && !list.children.namedItem(messageId)) add(messageId, 'event', notice)
    show(messageId, () => [outcome, reason, code].filter(Boolean).join(' · '))
  }

  return {
    recorded(event) {
      const { messageId, type } = event
      const { event: title, name, userId, groupId } = event as unknown as Record<string, unknown>
      add(messageId as string, `${type} ${title ?? name ?? groupId ?? userId ?? ''}`, event)
    },
    persisted(messageIds) {
      for (const id of messageIds) {
        // A request may be faster than the disk.
        show(id, (text) => (text === 'recorded' ? 'persisted' : text))
      }
    },
    sent(messageIds) {
      for (const id of messageIds) {
        show(id, (text) => `sent (attempt ${Number(/\d+/.exec(text)) + 1})`)
      }
    },
    delivered: end,
    rejected: end,
    dropped: end,
    error({ code, status = '', cause = '' }) {
      problem.textContent = `Last error: ${code} ${status}${cause}`
    },
  } satisfies { [Name in keyof TrackerEvents]?: (...args: TrackerEvents[Name]) => void }
}

/** The counters as the sum that they must be. */
function accounts(stats: ReturnType<Tracker['stats']>): string {
  const { created, storage, reasons: _, ...counts } = stats
  const sum = Object.values(counts).reduce((a, b) => a + b)
  const terms = Object.entries(counts).map(([name, count]) => `${count} ${name}`)
  return `${storage}: ${created} created ${created === sum ? '=' : '≠'} ${terms.join(' + ')}`
}

function element(name: string, ...children: (string | Element)[]): HTMLElement {
  const made = document.createElement(name)
  made.append(...children)
  return made
}

function button(text: string, onClick: () => unknown): HTMLElement {
  const made = element('button', text)
  made.onclick = onClick
  return made
}
