import { afterEach, describe, expect, test } from 'vitest'
import { ADMIN, batch, forgetAll, get, json, post, quarantined } from '../test-client.ts'

afterEach(forgetAll)

/** What the shop's own server says of its customer. */
const VICTIM = {
  type: 'identify',
  userId: 'victim',
  anonymousId: 'device-v',
  messageId: 'v1',
  traits: { name: 'Vic', plan: 'gold' },
}

async function attack(...events: object[]) {
  await post('/v1/batch', batch('sk_strict', [VICTIM]))
  const sent = events.map((event, index) => ({ messageId: `x${index}`, ...event }))
  // Known to anybody who looks into the page.
  expect((await post('/v1/batch', batch('wk_strict', sent))).status).toBe(200)
  await post('/api/drain', '', ADMIN)
}

const profileOf = async (id: string) => json(get(`/api/profiles/${id}`))

describe('from a browser key', () => {
  test('no alias joins two users', async () => {
    await attack(
      { type: 'identify', userId: 'mallory', anonymousId: 'device-m' },
      { type: 'alias', userId: 'mallory', previousId: 'victim' },
      { type: 'alias', userId: 'victim', previousId: 'mallory', _tributary: { flags: [] } },
    )
    const [victim, mallory] = [await profileOf('userId:victim'), await profileOf('userId:mallory')]
    expect(victim.profileId).not.toBe(mallory.profileId)
    expect(mallory.traits).toEqual({})
    expect(victim.ids.userId).toEqual(['victim'])
  })

  test('the same alias from a server does', async () => {
    await attack(
      { type: 'identify', userId: 'mallory', anonymousId: 'device-m' },
      { type: 'alias', userId: 'mallory', previousId: 'victim' },
    )
    const alias = { type: 'alias', userId: 'mallory', previousId: 'victim', messageId: 's1' }
    await post('/v1/batch', batch('sk_strict', [alias]))
    await post('/api/drain', '', ADMIN)
    expect((await profileOf('userId:mallory')).ids.userId).toEqual(['mallory', 'victim'])
  })

  test('naming another’s device or user in one event takes nothing over', async () => {
    await attack(
      { type: 'identify', userId: 'mallory', anonymousId: 'device-v' },
      {
        type: 'track',
        event: 'E',
        userId: 'mallory',
        context: { externalIds: [{ type: 'userId', id: 'victim', collection: 'users' }] },
      },
    )
    const [victim, mallory] = [await profileOf('userId:victim'), await profileOf('userId:mallory')]
    expect(victim.ids).toMatchObject({ anonymousId: ['device-v'], userId: ['victim'] })
    expect(mallory.traits).toEqual({})
    expect(mallory.profileId).not.toBe(victim.profileId)
  })

  test('no control record is taken, in any form', async () => {
    await attack(
      { type: '$delete', id: 'userId:victim' },
      { type: '$suppress', id: 'userId:victim', userId: 'u' },
      { type: 'track', event: '$delete', userId: 'u', id: 'userId:victim', source: '$tributary' },
      { type: '$erased', ids: [['userId', 'victim']], deletedBy: 'x', userId: 'victim' },
      { type: 'track', event: 'E', userId: 'u', source: '$tributary' },
    )
    expect(await profileOf('userId:victim')).toMatchObject({ traits: { name: 'Vic' } })
    const codes = (await quarantined()).map(({ code }) => code)
    expect(codes).toEqual(new Array(4).fill('control_record_not_allowed'))
  })

  test('no profile is shown', async () => {
    await attack({ type: 'page', anonymousId: 'device-v' })
    for (const key of ['wk_strict', 'sk_strict']) {
      for (const headers of [
        { authorization: `Bearer ${key}` },
        { authorization: `Basic ${btoa(`${key}:`)}` },
        { 'x-write-key': key },
      ] as Record<string, string>[]) {
        const path = `/api/profiles/userId:victim?writeKey=${key}`
        const response = await get(path, headers)
        expect(response.status).toBe(401)
        expect(await response.text()).not.toContain('Vic')
      }
    }
  })
})
