import { listen } from '../adapters/listen.ts'
import { attempt } from '../core/attempt.ts'
import { recordOf } from '../core/record-of.ts'
import type { Plugin } from '../plugin.ts'
import type { Properties } from '../tracker-api.ts'
import { maskText } from './core/mask-text.ts'
import { isWebLink } from './web-link.ts'

/** What {@link createInteractions} takes. */
export interface InteractionsOptions {
  /** Tracks clicks on every link and button, and the submission of every form. Default false. */
  autocapture?: boolean
  /** Leaves out all text of the page. Default false: text is masked and shortened. */
  mask?: boolean
  /** Extensions of files that are downloads, in lower case. Default: those of documents, archives, programs and media. */
  downloads?: readonly string[] | undefined
}

type Found = [event: string, properties: Properties]

/** Nothing is ever tracked of these or of what is in them. */
const IGNORED = '[data-track-ignore],input[type=password],[autocomplete*="cc-"]'

const BUTTONS = 'a[href],area[href],button,summary,[role=button],[type=submit],[type=button]'

/** What people have typed or chosen, and what is no text. */
const NO_TEXT = 'input,textarea,select,script,style,[data-track-ignore]'

const DOWNLOADS =
  'pdf doc docx xls xlsx ppt pptx csv txt zip rar 7z gz tar dmg exe msi pkg apk mp3 mp4 mov'.split(
    ' ',
  )

/**
 * Tracks what people do with a page, one event for each click or submission, the first of these that fits:
 * - of an element (for submissions, a form) with `data-track="Event Name"`, that event; each `data-track-plan-name="x"`
 *   becomes its property `planName`;
 * - `File Downloaded` of a link to a file: `url` without query, `extension`;
 * - `Outbound Link Clicked` of a link to another host: `url` without query, `host`;
 * - with `autocapture`, `Element Clicked` (`tag`, `id`, `name`, `type`, `text`, `url`) and `Form Submitted` (`id`, `name`).
 *
 * `data-track-ignore` on an element stops all this for what is in it. What people type is never read.
 */
export function createInteractions(options: InteractionsOptions = {}): Plugin {
  return {
    load({ track }) {
      function handle(event: Event): void {
        const path = event.composedPath()
        // A submission does not leave its shadow tree; a click or the focus is in there before it.
        for (const node of path) {
          if (node instanceof ShadowRoot) node.addEventListener('submit', handle, true)
        }
        const elements = path.filter((node) => node instanceof Element) as HTMLElement[]
        // A field called `matches` stands in the place of its form's method. No reason for an error in the page.
        const found = attempt(() => find(event, elements, options))
        if (found) void track(...found)
      }
      listen('focusin click auxclick submit', handle)
    },
  }
}

/** What there is to track of an event. `elements` are those that it happened to, innermost first. */
function find(
  event: Event,
  elements: HTMLElement[],
  { autocapture, mask, downloads = DOWNLOADS }: InteractionsOptions,
): Found | undefined {
  const isSubmission = event.type === 'submit'
  const link = elements.find(isWebLink)
  if (!isSubmission && !isPress(event, elements, link)) return undefined
  if (elements.some((element) => element.matches(IGNORED))) return undefined

  const named = elements.find(
    ({ dataset, localName }) => dataset.track && (localName === 'form') === isSubmission,
  )
  if (named) return [named.dataset.track as string, namedProperties(named.dataset)]
  if (isSubmission) return autocapture ? ['Form Submitted', attributes(elements[0])] : undefined
  const followed = link && followedLink(link, downloads)
  if (followed) return followed
  const button = autocapture && elements.find((element) => element.matches(BUTTONS))
  if (!button) return undefined
  const text = mask ? undefined : maskText(textOf(button) || button.ariaLabel || '')
  const url = isWebLink(button) ? bareAddress(button) : undefined
  return ['Element Clicked', { tag: button.localName, ...attributes(button), text, url }]
}

/** A link that leads to a file, or away from here. */
function followedLink(link: HTMLAnchorElement, downloads: readonly string[]): Found | undefined {
  const url = bareAddress(link)
  const [, extension = ''] = /\.(\w+)$/.exec(link.pathname.toLowerCase()) ?? []
  if (link.hasAttribute('download') || downloads.includes(extension)) {
    return ['File Downloaded', { url, extension }]
  }
  return link.host === location.host
    ? undefined
    : ['Outbound Link Clicked', { url, host: link.host }]
}

/** Whether it is a click with the main button, or one with the middle button on a link, which opens it too. */
function isPress(event: Event, elements: HTMLElement[], link: unknown): boolean {
  // The browser clicks a label's control after the label: the two are one click.
  const label = elements.find((element) => element instanceof HTMLLabelElement)
  const { control } = label ?? {}
  if (control && label?.contains(control) && !elements.includes(control)) return false
  // A click with another button is an `auxclick`.
  return event.type === 'click' || ((event as MouseEvent).button === 1 && Boolean(link))
}

/** `data-track-plan-name` is `planName`. */
function namedProperties(dataset: DOMStringMap): Properties {
  const properties: Properties = {}
  for (const [key, value] of Object.entries(dataset)) {
    if (/^track[A-Z]/.test(key)) properties[key.charAt(5).toLowerCase() + key.slice(6)] = value
  }
  return properties
}

/** What the page's author calls an element; of what it shows or holds, nothing. */
function attributes(element: Element | undefined): Properties {
  return recordOf(['id', 'name', 'type'], (name) => {
    const value = element?.getAttribute(name)
    return value ? maskText(value) : undefined
  })
}

/** Query and fragment may hold what is nobody's business. */
function bareAddress({ origin, pathname }: HTMLAnchorElement): string {
  return origin + pathname
}

/** The text of an element, without what people have typed or chosen in it. */
function textOf(node: Node): string {
  if (node instanceof Element) {
    if ((node as HTMLElement).isContentEditable || node.matches(NO_TEXT)) return ''
    return Array.from(node.childNodes, textOf).join(' ')
  }
  return node instanceof Text ? node.data : ''
}
