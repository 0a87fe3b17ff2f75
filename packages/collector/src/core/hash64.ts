/** Multipliers of MurmurHash3 (Austin Appleby, public domain), whose mixing this follows in two lanes of 32 bits. */
const A = 0xcc9e2d51
const B = 0x1b873593
const C = 0x38b34ae5
const D = 0xa1e38b93

const float = new Float64Array(1)
const floatWords = new Uint32Array(float.buffer)
const pair = new Uint32Array(2)
const pairAsBigInt = new BigUint64Array(pair.buffer)

/**
 * A running 64-bit hash: fast, evenly spread, the same on every machine that is little-endian (all that workerd runs on),
 * and not secret: it tells events apart, it does not protect them. A hash of SHA-256 took three times as long as all the
 * rest of an event's way through the Worker.
 */
export class Hash64 {
  /** The two lanes. Read them only after {@link finish}. */
  high: number
  low: number

  constructor(seed = 0) {
    this.high = seed
    this.low = ~seed
  }

  /** Another hash of what this one has so far. */
  copy(): Hash64 {
    const copy = new Hash64()
    copy.high = this.high
    copy.low = this.low
    return copy
  }

  /** Adds 32 bits. Each lane feeds the other, so that together they hold 64 bits and not twice the same 32. */
  word(value: number): void {
    let mixed = Math.imul(value, A)
    mixed = Math.imul((mixed << 15) | (mixed >>> 17), B)
    let high = this.high ^ mixed
    high = ((high << 19) | (high >>> 13)) + this.low
    this.high = (Math.imul(high, 5) + 0x561ccd1b) | 0
    mixed = Math.imul(value, C)
    mixed = Math.imul((mixed << 17) | (mixed >>> 15), D)
    let low = this.low ^ mixed
    low = ((low << 13) | (low >>> 19)) + this.high
    this.low = (Math.imul(low, 5) + 0x0bcaa747) | 0
  }

  /** Adds a text: its length first, so that "ab", "c" differs from "a", "bc"; then two UTF-16 units at a time. */
  text(value: string): void {
    const { length } = value
    this.word(length)
    let index = 0
    for (; index + 1 < length; index += 2) {
      this.word(value.charCodeAt(index) | (value.charCodeAt(index + 1) << 16))
    }
    if (index < length) this.word(value.charCodeAt(index))
  }

  /** Adds a number, by its 64 bits. */
  float(value: number): void {
    float[0] = value
    this.word(floatWords[0] as number)
    this.word(floatWords[1] as number)
  }

  /** Spreads every bit over both lanes; nothing may be added afterwards. */
  finish(): this {
    this.high = spread(this.high ^ Math.imul(this.low, A))
    this.low = spread(this.low + Math.imul(this.high, C))
    this.high = (this.high + this.low) | 0
    return this
  }

  /** The hash as an unsigned number. Call {@link finish} first. */
  toBigInt(): bigint {
    pair[0] = this.low
    pair[1] = this.high
    return pairAsBigInt[0] as bigint
  }

  /** The hash in 16 hexadecimal digits. Call {@link finish} first. */
  toHex(): string {
    const digits = (lane: number) => (lane >>> 0).toString(16).padStart(8, '0')
    return digits(this.high) + digits(this.low)
  }
}

/** MurmurHash3's last step for 32 bits. */
function spread(lane: number): number {
  let value = lane
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return value ^ (value >>> 16)
}
