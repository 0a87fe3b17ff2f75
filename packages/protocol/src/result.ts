/** An expected outcome as a value: nothing in this package throws on bad input. */
export type Result<T, E> = { ok: true; value: T } | { ok: false; error: E }

/** Why an input was refused: a code for programs, a sentence for people. */
export interface Refusal<Code extends string> {
  code: Code
  message: string
}

/** A successful {@link Result}. */
export function accept<T>(value: T): { ok: true; value: T } {
  return { ok: true, value }
}

/** A failed {@link Result} carrying a {@link Refusal}. */
export function refuse<Code extends string>(
  code: Code,
  message: string,
): { ok: false; error: Refusal<Code> } {
  return { ok: false, error: { code, message } }
}
