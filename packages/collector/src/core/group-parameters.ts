/**
 * The parameters of a form or a query by name: text, a list where one comes several times. In one pass, since
 * `URLSearchParams.getAll` goes through all of them for each name.
 */
export function groupParameters(parameters: URLSearchParams): Map<string, string | string[]> {
  const grouped = new Map<string, string | string[]>()
  for (const [name, value] of parameters) {
    const before = grouped.get(name)
    if (before === undefined) grouped.set(name, value)
    else if (typeof before === 'string') grouped.set(name, [before, value])
    else before.push(value)
  }
  return grouped
}
