/**
 * Numbers that look random and are the same for the same seed: a Weyl sequence, mixed as in MurmurHash3's finaliser.
 *
 * @param {number} seed 32 bits.
 * @returns {() => number} From 0 up to 1.
 */
export function seededRandom(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  }
}

/** Evenly from `least` up to `most`. */
export function between(random, least, most) {
  return least + random() * (most - least)
}

/** From `least` up to `most`, every order of magnitude as likely as the next. */
export function overMagnitudes(random, least, most) {
  return least * (most / least) ** random()
}

/** Exponential, by its mean. */
export function waiting(random, mean) {
  return -mean * Math.log(1 - random())
}

/** Log-normal, by its median and the deviation of its logarithm (Box and Muller's transform). */
export function aroundMedian(random, median, sigma) {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return median * Math.exp(sigma * normal)
}
