import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_TEXT_LENGTH, maskText } from './mask-text.ts'

test.for([
  ['  Add \n to\tcart ', 'Add to cart'],
  ['Write to ann@shop.example, or call', 'Write to *** or call'],
  ['(ann＠shop.example)', '***'],
  ['Call +49 (30) 1234-5678 now', 'Call *** now'],
  ['4111 1111 1111 1111', '***'],
  ['٠١٢٣٤٥٦٧٨٩', '***'],
  ['Order 123456', 'Order 123456'],
  ['€1,299.00 in 24 months', '€1,299.00 in 24 months'],
  ['', ''],
] as const)('%j becomes %j', ([text, masked]) => {
  expect(maskText(text)).toBe(masked)
})

test('a card number at the border of what is kept is masked before the cut', () => {
  expect(maskText(`${'x'.repeat(94)} 4111111111111111`)).toBe(`${'x'.repeat(94)} ***`)
})

test('a character of two code units is not cut in half', () => {
  expect(maskText('😀'.repeat(200))).toBe('😀'.repeat(MAX_TEXT_LENGTH))
})

test('whatever surrounds them, addresses and long numbers do not come through', () => {
  const secret = fc.oneof(
    fc.emailAddress(),
    fc.stringMatching(/^\d{3,6}[ .-]?\d{4,10}$/),
    fc.stringMatching(/^(\d{4}[ -]){3}\d{4}$/),
  )
  fc.assert(
    fc.property(fc.string(), secret, fc.string(), (before, hidden, after) => {
      const masked = maskText(`${before} ${hidden} ${after}`)
      expect(masked).not.toContain(hidden)
      expect(masked).not.toMatch(/\d{7}|\S@/)
      expect([...masked].length).toBeLessThanOrEqual(MAX_TEXT_LENGTH)
    }),
  )
})

test('a huge text costs no noticeable time', () => {
  const startMs = performance.now()
  for (const piece of ['1 ', '1-', 'a@', 'a.', '12345 ', ' ', '+']) maskText(piece.repeat(200_000))
  expect(performance.now() - startMs).toBeLessThan(3000)
})
