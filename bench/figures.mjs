/** What a report says of a budget. */
export function verdict(isKept) {
  return isKept ? 'kept' : 'BROKEN'
}

/** `3` or `2–5`. */
export function range(values) {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return least === most ? String(least) : `${least}–${most}`
}

/** From the least to the greatest. */
export function sorted(values) {
  return [...values].sort((a, b) => a - b)
}

/** The middle one, or the mean of the two in the middle. */
export function medianOf(values) {
  const ordered = sorted(values)
  const middle = ordered.length / 2
  return (ordered[Math.floor(middle)] + ordered[Math.ceil(middle) - 1]) / 2
}
