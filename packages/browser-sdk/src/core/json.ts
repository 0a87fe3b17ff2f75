import { attempt } from './attempt.ts'

/** A value as JSON; `undefined` where it cannot be written (a circular object, a BigInt, a getter that throws). */
export function jsonOf(value: unknown): string | undefined {
  return attempt(() => JSON.stringify(value))
}

/** What a text says in JSON; `undefined` where it is none, whatever another script has left under our keys. */
export function parseJson(text: string | undefined): unknown {
  return attempt(() => JSON.parse(text as string))
}

/**
 * An argument as it is now: what the page does with its object after the call is no part of the event. By way of JSON, like
 * the event that becomes of it: `structuredClone` would reduce what has a `toJSON` of its own (a Decimal, a dayjs) to its
 * fields. What JSON cannot hold stays what it is.
 */
export function snapshot(argument: unknown): unknown {
  const json = typeof argument === 'object' && jsonOf(argument)
  return json ? JSON.parse(json) : argument
}
