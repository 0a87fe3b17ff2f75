import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toPrometheusText } from './prometheus.ts'

test('writes help, type and samples of each family', () => {
  const text = toPrometheusText([
    {
      name: 'events_total',
      type: 'counter',
      help: 'Events,\nby source.',
      samples: [
        { labels: { source: 'web' }, value: 5 },
        { labels: {}, value: 0.5 },
      ],
    },
    { name: 'empty', type: 'gauge', help: 'None.', samples: [] },
  ])
  expect(text).toBe(
    '# HELP events_total Events,\\nby source.\n# TYPE events_total counter\nevents_total{source="web"} 5\nevents_total 0.5\n# HELP empty None.\n# TYPE empty gauge\n',
  )
})

test('a label may have any value, and stays on its line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const samples = [{ labels: { code: value }, value: 1 }]
      const text = toPrometheusText([{ name: 'm', type: 'gauge', help: 'h', samples }])
      const [, , line, ...rest] = text.split('\n')
      expect(rest).toEqual([''])
      const [, escaped = ''] = /^m\{code="((?:[^"\\]|\\["\\n])*)"\} 1$/s.exec(line ?? '') ?? []
      const read = escaped.replace(/\\(.)/g, (_, letter) => (letter === 'n' ? '\n' : letter))
      expect(read).toBe(value)
    }),
  )
})
