const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPENING: ReadonlySet<number> = new Set([0x7b, 0x5b])
const CLOSING_BRACE = 0x7d
const CLOSING: ReadonlySet<number> = new Set([CLOSING_BRACE, 0x5d])
const COMMA = 0x2c
const COLON = 0x3a
/** The last of JSON's four kinds of white space by code; everything at or below it may be skipped between tokens. */
const SPACE = 0x20

/**
 * The members of a JSON object, each value as the text that stands there: cut out and not parsed, so that numbers keep
 * digits which a double has no room for.
 *
 * @param text JSON of one object. Where a key stands twice, the last counts.
 * @throws SyntaxError when the text does not end where the object does. Values are not looked into.
 */
export function membersOf(text: string): Map<string, string> {
  const members = new Map<string, string>()
  let at = skipSpace(text, text.indexOf('{') + 1)
  while (text.charCodeAt(at) === QUOTE) {
    const keyEnd = endOfString(text, at)
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1)
    const valueEnd = endOfValue(text, valueStart)
    members.set(JSON.parse(text.slice(at, keyEnd)) as string, text.slice(valueStart, valueEnd))
    at = skipSpace(text, valueEnd)
    if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1)
  }
  if (text.charCodeAt(at) !== CLOSING_BRACE || skipSpace(text, at + 1) !== text.length) {
    throw new SyntaxError('This is not the JSON of one object.')
  }
  return members
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (text.charCodeAt(at) <= SPACE) at += 1
  return at
}

/** The index after the string that begins at `from`. */
function endOfString(text: string, from: number): number {
  let quote = text.indexOf('"', from + 1)
  while (quote !== -1) {
    let first = quote
    while (text.charCodeAt(first - 1) === BACKSLASH) first -= 1
    // An odd number of backslashes escapes the quote.
    if ((quote - first) % 2 === 0) return quote + 1
    quote = text.indexOf('"', quote + 1)
  }
  return text.length
}

/** The index after the value that begins at `from`. */
function endOfValue(text: string, from: number): number {
  const first = text.charCodeAt(from)
  if (first === QUOTE) return endOfString(text, from)
  return OPENING.has(first) ? endOfContainer(text, from) : endOfScalar(text, from)
}

function endOfContainer(text: string, from: number): number {
  let depth = 0
  let at = from
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = endOfString(text, at)
      continue
    }
    at += 1
    if (OPENING.has(code)) depth += 1
    else if (CLOSING.has(code)) depth -= 1
    if (depth === 0) break
  }
  return at
}

/** Numbers and words end where something follows that can be part of neither. */
function endOfScalar(text: string, from: number): number {
  let at = from
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code <= SPACE || code === COMMA || code === COLON || CLOSING.has(code)) break
    at += 1
  }
  return at
}
