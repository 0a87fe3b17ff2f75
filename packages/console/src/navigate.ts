/** Goes to a path of the console without loading anything anew. */
function navigate(path: string): void {
  history.pushState(null, '', path)
  dispatchEvent(new PopStateEvent('popstate'))
}

/** Takes the clicks on links to the console's own pages, where they are not for another tab. */
export function followLinks(click: MouseEvent): void {
  const link = (click.target as Element).closest('a')
  const isPlain = click.button === 0 && !click.metaKey && !click.ctrlKey && !click.shiftKey
  if (!link || !isPlain || link.origin !== location.origin) return
  if (link.target || !link.pathname.startsWith('/console')) return
  click.preventDefault()
  navigate(link.pathname)
}

/** Keys that work on every page: `/` goes to the filter, `j` and `k` up and down the list. */
export function takeKeys(press: KeyboardEvent): void {
  const isTyping = (press.target as Element).matches('input, select, textarea')
  if (isTyping || press.metaKey || press.ctrlKey || press.altKey) return
  if (press.key === '/') {
    const filter = document.querySelector<HTMLElement>('[data-filter]')
    if (filter) press.preventDefault()
    filter?.focus()
  } else if (press.key === 'j') step(1)
  else if (press.key === 'k') step(-1)
}

function step(by: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')]
  const at = rows.indexOf(document.activeElement as HTMLElement)
  const next = rows[at < 0 ? 0 : at + by]
  next?.focus()
  next?.scrollIntoView({ block: 'nearest' })
}
