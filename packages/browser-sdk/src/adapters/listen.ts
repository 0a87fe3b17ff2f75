/** Calls `work` at each event of these names, separated by spaces, wherever in the page; capturing, before the page's own listeners. */
// biome-ignore lint/suspicious/noExplicitAny: which type of event it is, the names say
export function listen(names: string, work: (event: any) => void): void {
  for (const name of names.split(' ')) addEventListener(name, work, true)
}
