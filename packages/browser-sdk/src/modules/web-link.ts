/** Whether it is a link (or an area of a map) to an address of the web. */
export function isWebLink(target: EventTarget): target is HTMLAnchorElement {
  const { localName, protocol } = target as HTMLAnchorElement
  return /^a(rea)?$/.test(localName) && /^http/.test(protocol)
}
