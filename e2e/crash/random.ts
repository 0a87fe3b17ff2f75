/** Numbers that look random and are equal for equal seeds, so that a run can be repeated. */
export interface Random {
  /** From 0 up to 1. */
  next(): number
  /** A whole number from `from` up to, not including, `to`. */
  whole(from: number, to: number): number
  /** Whether something with this probability happens. */
  happens(probability: number): boolean
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T
  /** The list in another order. */
  shuffle<T>(list: readonly T[]): T[]
  /** So many hexadecimal digits. */
  hex(digits: number): string
  /** Numbers of their own for a part of the run, so that the order in which parts ask changes nothing. */
  fork(): Random
}

/** Mulberry32: 32 bits of state, enough to shuffle a load with. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const whole = (from: number, to: number) => from + Math.floor(next() * (to - from))
  return {
    next,
    whole,
    happens: (probability) => next() < probability,
    pick: <T>(list: readonly T[]) => list[whole(0, list.length)] as T,
    shuffle<T>(list: readonly T[]) {
      const shuffled = [...list]
      for (let index = shuffled.length - 1; index > 0; index--) {
        const other = whole(0, index + 1)
        ;[shuffled[index], shuffled[other]] = [shuffled[other] as T, shuffled[index] as T]
      }
      return shuffled
    },
    fork: () => createRandom(whole(0, 2 ** 32)),
    hex: (digits) => Array.from({ length: digits }, () => whole(0, 16).toString(16)).join(''),
  }
}
