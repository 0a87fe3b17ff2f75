import { afterEach, expect, test } from 'vitest'
import { compressed, forgetAll, post, quarantined } from '../test-client.ts'

afterEach(forgetAll)

const KEY = { authorization: 'Bearer wk_open' }

test('a body that is neither JSON nor text is kept byte for byte', async () => {
  const whole = await compressed(JSON.stringify({ batch: [] }), 'gzip')
  const cut = whole.slice(0, -9)
  expect((await post('/v1/batch', cut, KEY)).status).toBe(400)
  const [{ payload }] = await quarantined()
  const binary = atob(payload.replace(/^base64:/, ''))
  expect(Uint8Array.from(binary, (character) => character.charCodeAt(0))).toEqual(cut)
})

test('a body that is too large says that only its beginning was kept', async () => {
  const text = 'é'.repeat(700_000)
  expect((await post('/v1/batch', text, KEY)).status).toBe(413)
  const [record] = await quarantined()
  expect(record.truncated).toBe(true)
  expect(text.startsWith(record.payload)).toBe(true)
})
