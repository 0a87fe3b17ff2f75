import { describe, expect, test } from 'vitest'
import { allowsOrigin, type CollectorConfig, defineConfig } from './config.ts'

const source = { id: 'web', writeKeys: ['wk_1'] }

describe('defineConfig', () => {
  test('finds the source of a key', () => {
    const config = defineConfig({ sources: [source, { id: 'app', writeKeys: ['wk_2', 'wk_3'] }] })
    expect(config.keys.get('wk_3')?.source.id).toBe('app')
    expect(config.shards).toBe(4)
  })

  test.for([
    [{}, 'sources must list'],
    [{ sources: [] }, 'sources must list'],
    [{ sources: [source], shards: 0 }, 'shards must be'],
    [{ sources: [source], shards: 1.5 }, 'shards must be'],
    [{ sources: [null] }, 'sources[0].id'],
    [{ sources: [{ ...source, id: 'No Spaces' }] }, 'sources[0].id'],
    [{ sources: [{ ...source, id: '../etc' }] }, 'sources[0].id'],
    [{ sources: [{ ...source, id: 'constructor' }] }, 'sources[0].id'],
    [
      { sources: [source, { ...source, writeKeys: ['wk_2'] }] },
      'sources[1].id "web" is used twice',
    ],
    [{ sources: [{ ...source, writeKeys: [] }] }, 'sources[0].writeKeys'],
    [{ sources: [{ ...source, writeKeys: [''] }] }, 'sources[0].writeKeys[0]'],
    [{ sources: [{ ...source, writeKeys: ['a:b'] }] }, 'sources[0].writeKeys[0]'],
    [{ sources: [source, { ...source, id: 'b' }] }, 'sources[1].writeKeys[0] is used already'],
    [
      { sources: [{ ...source, origins: 'https://a.example' }] },
      'sources[0].origins must be a list',
    ],
    [{ sources: [{ ...source, origins: ['https://a.example/path'] }] }, 'sources[0].origins[0]'],
  ] as const)('%j is refused by name', ([config, message]) => {
    expect(() => defineConfig(config as unknown as CollectorConfig)).toThrow(message)
  })
})

test('origins are exact, and all are allowed where none are listed', () => {
  expect(allowsOrigin(source, 'https://any.example')).toBe(true)
  const strict = { ...source, origins: ['https://a.example'] }
  expect(allowsOrigin(strict, 'https://a.example')).toBe(true)
  expect(allowsOrigin(strict, 'https://a.example.evil.example')).toBe(false)
  expect(allowsOrigin(strict, 'http://a.example')).toBe(false)
  expect(allowsOrigin({ ...source, origins: ['*'] }, 'null')).toBe(true)
})
