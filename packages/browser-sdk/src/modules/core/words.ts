/** The words of an attribute, which spaces or commas separate; `undefined` where there are none. */
export function words(text: string | undefined): string[] | undefined {
  return text?.match(/[^\s,]+/g) ?? undefined
}
