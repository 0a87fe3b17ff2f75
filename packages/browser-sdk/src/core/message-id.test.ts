import { expect, test } from 'vitest'
import { createMessageIds } from './message-id.ts'

test('an id is a UUIDv7, whatever the random bytes', () => {
  for (const byte of [0, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xff]) {
    const newId = createMessageIds(
      () => 0x0198_c5a1_7e1b,
      () => new Uint8Array(8).fill(byte),
    )
    expect(newId()).toMatch(/^0198c5a1-7e1b-7000-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  }
})
