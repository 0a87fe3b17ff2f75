/** Most of a text that is kept, characters. */
export const MAX_TEXT_LENGTH = 100

const MASK = '***'

/** Seven digits or more, in any script, with what people write between them: phone, card and account numbers. */
const LONG_NUMBER = /\+?(?:\p{Nd}[\s()./_-]{0,3}){6,}\p{Nd}/gu

/** A text of the page fit to be sent: words with an `@` and long numbers are masked, and at most 100 characters stay. */
export function maskText(text: string): string {
  // Words one by one: a pattern for one with an `@` would try each of its letters as the beginning.
  const words = text.normalize('NFKC').match(/\S+/g) ?? []
  const masked = words.map((word) => (word.includes('@') ? MASK : word)).join(' ')
  // Masked before it is cut: half a card number would not look like one.
  return [...masked.replace(LONG_NUMBER, MASK)].slice(0, MAX_TEXT_LENGTH).join('')
}
