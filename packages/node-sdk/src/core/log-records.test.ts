import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { findRecords, findTail, frameRecord, RECORD_HEAD, RECORD_OVERHEAD } from './log-records.ts'

function frame(json: string): Buffer {
  const bytes = Buffer.alloc(Buffer.byteLength(json) + RECORD_OVERHEAD)
  const length = bytes.write(json, RECORD_HEAD)
  frameRecord(bytes, 0, length, crc32(json))
  return bytes
}

/** What is found, as text; `corrupt` for what is none. */
function read(bytes: Buffer): string[] {
  const { stretches, next } = findRecords(bytes, 0, bytes.length, crc32)
  const tail = findTail(bytes, next, crc32)
  return [...stretches, ...(tail ? [tail] : [])].map(({ kind, start, end }) =>
    kind === 'corrupt' ? kind : bytes.toString('utf8', start + RECORD_HEAD, end - 1),
  )
}

const events = fc.array(
  fc.record({ text: fc.string({ unit: 'binary' }), more: fc.jsonValue() }).map(JSON.stringify),
  { minLength: 1, maxLength: 8 },
)

it('writes a line that other tools read', () => {
  // The check value of CRC-32 (ISO-HDLC).
  expect(frame('123456789').toString()).toBe('cbf43926 123456789\n')
})

it('gives back every record, whatever is in it', () => {
  fc.assert(
    fc.property(events, (jsons) => {
      expect(read(Buffer.concat(jsons.map(frame)))).toEqual(jsons)
    }),
  )
})

it('loses nothing but the record in which a bit has flipped, and makes none up', () => {
  fc.assert(
    fc.property(events, fc.nat(), fc.nat(7), (jsons, place, bit) => {
      const frames = jsons.map(frame)
      const bytes = Buffer.concat(frames)
      const at = place % bytes.length
      bytes[at] = (bytes[at] as number) ^ (1 << bit)
      let end = 0
      const damaged = frames.findIndex((each) => {
        end += each.length
        return at < end
      })
      const found = read(bytes).filter((json) => json !== 'corrupt')
      // A record that has only lost its newline is whole.
      const isWhole = at === end - 1
      expect(found).toEqual(jsons.filter((_, i) => i !== damaged || isWhole))
    }),
    { numRuns: 500 },
  )
})

it('keeps the records before a torn tail, and says nothing of it', () => {
  fc.assert(
    fc.property(events, fc.nat(), fc.nat(5), (jsons, place, zeros) => {
      const frames = jsons.map(frame)
      const whole = Buffer.concat(frames)
      const length = place % whole.length
      const bytes = Buffer.concat([whole.subarray(0, length), Buffer.alloc(zeros)])
      let end = 0
      const complete = jsons.filter((_, i) => {
        end += (frames[i] as Buffer).length
        return end - 1 <= length
      })
      expect(read(bytes)).toEqual(complete)
    }),
  )
})

it('finds the records behind garbage, and tells of the garbage once', () => {
  const [a, b, c] = ['{"a":1}', '{"b":"\\n"}', '{"c":3}'].map(frame) as [Buffer, Buffer, Buffer]
  const garbage = Buffer.from([0xff, 0x0a, 0x00, 0x0a, 0x20, 0x0a])
  expect(read(Buffer.concat([a, garbage, b, c]))).toEqual([
    '{"a":1}',
    'corrupt',
    '{"b":"\\n"}',
    '{"c":3}',
  ])
  // A write that was cut short and then followed by others.
  expect(read(Buffer.concat([a.subarray(0, 12), b, Buffer.alloc(40), c]))).toEqual([
    'corrupt',
    '{"b":"\\n"}',
    'corrupt',
    '{"c":3}',
  ])
  expect(read(garbage)).toEqual(['corrupt'])
  expect(read(Buffer.alloc(100))).toEqual([])
})

it('takes no text inside a damaged event for a record', () => {
  const hidden = '{}"}'
  const text = `${crc32(hidden).toString(16).padStart(8, '0')} {}`
  const bytes = frame(`{"text":"${text}"}`)
  expect(bytes.toString().endsWith(`${hidden}\n`)).toBe(true)
  bytes[2] = (bytes[2] as number) ^ 1
  expect(read(bytes)).toEqual(['corrupt'])
})

it('goes on where the last line had no end', () => {
  const bytes = Buffer.concat([frame('{"a":1}'), frame('{"b":2}')])
  const first = findRecords(bytes, 0, 20, crc32)
  expect(first).toMatchObject({ stretches: [{ start: 0, end: 17 }], next: 17 })
  const second = findRecords(bytes, first.next, bytes.length, crc32)
  expect(second).toMatchObject({ stretches: [{ start: 17, end: 34 }], next: 34 })
})
