/**
 * Orders texts by their bytes in UTF-8, which is the order of their code points (R3). JavaScript's own comparison goes by
 * UTF-16 and differs where an emoji meets U+E000 to U+FFFF; a database or another language would order those the other way.
 *
 * @returns Negative when `a` comes first, 0 when they are equal.
 */
export function compareBytes(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const unitA = a.charCodeAt(index)
    const unitB = b.charCodeAt(index)
    if (unitA !== unitB) return placeOf(unitA) - placeOf(unitB)
  }
  return a.length - b.length
}

/** Moves surrogates, which stand for code points above U+FFFF, behind all other units. */
function placeOf(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
