/** Does `work` once the page is not only rendered ahead of time: nobody sees it before, and perhaps never will. */
export function whenActivated(work: () => void): void {
  if ((document as { prerendering?: boolean }).prerendering) {
    document.addEventListener('prerenderingchange', work, { once: true })
  } else work()
}
