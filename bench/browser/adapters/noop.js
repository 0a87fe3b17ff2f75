/** Control: a call that does nothing, so that what the bench itself costs is known. */

let sum = 0

export const init = () => Promise.resolve()
export const track = (_event, { number }) => {
  sum += number
}
export const page = () => sum
