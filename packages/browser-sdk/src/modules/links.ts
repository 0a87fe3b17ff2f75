import { listen } from '../adapters/listen.ts'
import { attempt } from '../core/attempt.ts'
import { LINK_PARAMETER, linkValue, withoutLink } from '../core/landing-ids.ts'
import type { Plugin } from '../plugin.ts'
import { isWebLink } from './web-link.ts'

/** What {@link createLinks} takes. */
export interface LinksOptions {
  /** Hosts, each with its subdomains, that share visitors with this page: `shop.example`. The page's own host is left alone. */
  domains: readonly string[]
  /** Takes the user id along as well; it can then be read in the address. Default false. */
  includeUserId?: boolean | undefined
}

/** What can come before a navigation. Not earlier: the time in the link is that of the click. */
const MOMENTS = 'mousedown keydown click contextmenu'

/**
 * Lets links, and forms sent by GET, take this browser's anonymous id to other domains, where the tracker adopts it: adds
 * `tributary_link` to the address at the moment of use. Links inside of shadow roots are found where those are open.
 */
export function createLinks({ domains, includeUserId }: LinksOptions): Plugin {
  return {
    load(tracker) {
      function value(): string | undefined {
        const user = tracker.user()
        const id = user.anonymousId()
        return id && linkValue(id, Date.now(), includeUserId ? user.id() : undefined)
      }

      function decorateLink(event: Event): void {
        const link = event.composedPath().find(isWebLink)
        const url = link && urlWithin(domains, link.href)
        const id = url && value()
        if (!id) return
        // As text: URLSearchParams would write the other parameters anew, and a signature over them would break.
        const rest = withoutLink(url.search)
        url.search = `${rest}${rest ? '&' : '?'}${LINK_PARAMETER}=${id}`
        link.href = url.href
      }

      function decorateForm(event: SubmitEvent): void {
        const form = event.target as Element
        // Attributes, since a field called `action` hides the property.
        const read = (name: string) =>
          event.submitter?.getAttribute(`form${name}`) ?? form.getAttribute(name) ?? ''
        // Any other method than these two is GET.
        if (event.defaultPrevented || /^(post|dialog)$/i.test(read('method'))) return
        const id = urlWithin(domains, read('action')) && value()
        if (!id) return
        // The browser asks what to send right after this. No field appears in the page.
        form.addEventListener(
          'formdata',
          (asked) => (asked as FormDataEvent).formData.set(LINK_PARAMETER, id),
          { once: true },
        )
      }

      // On the window: first of all before a click is used, and last of all after a submission may have been prevented.
      listen(MOMENTS, decorateLink)
      addEventListener('submit', decorateForm)
    },
  }
}

/** The address, if it is one of another host in one of the domains. */
function urlWithin(domains: readonly string[], address: string): URL | undefined {
  const url = attempt(() => new URL(address, document.baseURI))
  const isWithin =
    url &&
    /^https?:$/.test(url.protocol) &&
    url.host !== location.host &&
    domains.some((domain) => `.${url.hostname}`.endsWith(`.${domain}`))
  return isWithin ? url : undefined
}
